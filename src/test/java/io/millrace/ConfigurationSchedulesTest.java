package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.store.Misfire;
import io.millrace.store.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationSchedulesTest {
  @TempDir private Path directory;

  @Test
  void areReadWithWhatTheyLeaveOut() throws Exception {
    assertEquals(List.of(), new ConfigurationLoader(Map.of()).load().schedules());
    assertEquals(
        List.of(
            new Schedule(
                "nightly",
                7,
                "google_gmail_sync",
                3,
                "{\"recount\":true,\"deep\":{\"er\":[1]}}",
                "cron: 0 6 * * *",
                "Europe/Berlin",
                Misfire.ALL,
                true),
            Schedule.of("often", "extract_contacts", "every: PT15M")),
        load("""
                "nightly": {"kind": "google_gmail_sync", "user": 7, "priority": 3,
                  "payload": {"recount": true, "deep": {"er": [1]}},
                  "cron": "0 6 * * *", "zone": "Europe/Berlin", "misfire": "all", "paused": true},
                "often": {"kind": "extract_contacts", "every": "PT15M"}""")
            .schedules());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'cron': '61 * * * *' | a.cron = \"61 * * * *\": is no cron expression (Value 61 not in range [0, 59]); minute hour day month weekday is right, such as 0 6 * * * or */15 8-17 * * MON-FRI, with seconds before them if wanted",
        "'every': '15 min' | a.every = \"15 min\": must be an interval of whole seconds from PT1S to P366D, such as PT15M",
        "'cron': '0 6 * * *', 'zone': 'Europe/Berlim' | a.zone = \"Europe/Berlim\": no such time zone; did you mean Europe/Berlin?",
        "'every': 'PT1H', 'zone': 'UTC' | a.zone = \"UTC\": must be left out: an interval has no time zone",
        "'zone': 'UTC' | a: must have either cron, such as 0 6 * * *, or every, such as PT15M",
        "'cron': '0 6 * * *', 'every': 'PT1H' | a: must have either cron, such as 0 6 * * *, or every, such as PT15M",
        "'every': 'PT1H', 'misfire': 'never' | a.misfire = \"never\": must be one of skip, once, all (whether runs that were missed are passed over, made up for by one (as when left out), or each made up for, at most 1000)",
        "'every': 'PT1H', 'payload': [] | a.payload = []: must be a JSON object (the payload of its jobs, at most 16384 characters; empty when left out)",
        "'evry': 'PT1H' | a.evry = \"PT1H\": no such key; did you mean schedules.a.every?"
      })
  void whatIsWrongIsNamed(String given, String said) {
    assertEquals(said, refusal("'kind': 'extract_contacts', " + given));
  }

  @Test
  void theKindMustExist() {
    assertEquals(
        "a.kind = \"extract_contact\": no such kind of job; did you mean extract_contacts?",
        refusal("'kind': 'extract_contact', 'every': 'PT1H'"));
    assertEquals(
        "a.kind: is missing; it must be a text of 1 to 63 characters (the kind of its jobs)",
        refusal("'every': 'PT1H'"));
  }

  private String refusal(String schedule) {
    String document = "\"a\": {" + schedule.replace("'", "\"") + "}";
    String message = assertThrows(ExitException.class, () -> load(document)).getMessage();
    return message.replaceFirst("(?s).*?: schedules\\.", "");
  }

  private Configuration load(String schedules) throws IOException {
    Path file = directory.resolve("conf.json");
    Files.writeString(file, "{\"schedules\": {" + schedules + "}}");
    return new ConfigurationLoader(Map.of()).file(file).load();
  }
}
