package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.UpkeepSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sections stuck and retention. */
class ConfigurationUpkeepTest {
  @TempDir Path directory;

  private ConfigurationLoader loader(String json) throws IOException {
    Path file = directory.resolve("conf.json");
    Files.writeString(file, json);
    return new ConfigurationLoader(Map.of()).file(file);
  }

  private String refusal(String json) throws IOException {
    return assertThrows(ExitException.class, loader(json)::load)
        .getMessage()
        .replace(directory.resolve("conf.json").toString(), "F");
  }

  @Test
  void eachKeyArrives() throws IOException {
    UpkeepSettings upkeep =
        loader(
                """
                {"stuck": {"readyMs": 60000, "hardMs": 120000, "checkMs": 5000, "forgetMs": 3600000},
                 "retention": {"days": 30, "unreadDays": 3, "sweepMs": 600000,
                               "kinds": {"extract_contacts": 2, "google_gmail_sync": null}}}""")
            .load()
            .upkeep();
    assertEquals(Duration.ofMinutes(1), upkeep.ready());
    assertEquals(Duration.ofMinutes(2), upkeep.hard());
    assertEquals(Duration.ofSeconds(5), upkeep.every());
    assertEquals(Duration.ofHours(1), upkeep.forget());
    assertEquals(30, upkeep.retention().days());
    assertEquals(3, upkeep.retention().unreadDays());
    assertEquals(Duration.ofMinutes(10), upkeep.retention().sweep());
    assertEquals(2, upkeep.retention().kinds().get("extract_contacts"));
    assertTrue(upkeep.retention().kinds().containsKey("google_gmail_sync"));
    assertEquals(2, upkeep.retention().kinds().size());
    assertEquals(
        Duration.ofSeconds(9),
        new ConfigurationLoader(Map.of("MILLRACE_STUCK_READY_MS", "9000")).load().upkeep().ready());
  }

  @Test
  void whatCannotBeIsRefusedWithWhatCould() throws IOException {
    assertEquals(
        "Configuration refused: F: stuck.redyMs = 5: no such key; did you mean stuck.readyMs?",
        refusal("{\"stuck\":{\"redyMs\":5}}"));
    assertEquals(
        "Configuration refused: F: stuck.hardMs = 10: must be a whole number from 1000 to 604800000"
            + " (milliseconds after which a run that is past its own deadline is taken back,"
            + " whatever its worker says)",
        refusal("{\"stuck\":{\"hardMs\":10}}"));
    assertEquals(
        "Configuration refused: F: retention.days = 0: must be a whole number from 1 to 3650 (days,"
            + " for kinds that have no number of their own)",
        refusal("{\"retention\":{\"days\":0}}"));
    assertEquals(
        "Configuration refused: F: retention.kinds.extract_contacts = 4000: must be a whole number"
            + " from 1 to 3650 or null (days that finished jobs of the kind are kept)",
        refusal("{\"retention\":{\"kinds\":{\"extract_contacts\":4000}}}"));
    assertEquals(
        "Configuration refused: F: retention.kinds.extract_contact = 4: no such kind of job; did you"
            + " mean retention.kinds.extract_contacts?",
        refusal("{\"retention\":{\"kinds\":{\"extract_contact\":4}}}"));
  }
}
