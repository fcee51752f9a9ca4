package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EnvironmentLayerTest {
  @Test
  void namesFollowFromPaths() {
    assertEquals("MILLRACE_GOOGLE_ROOT_URL", EnvironmentLayer.name("google.rootUrl"));
    assertEquals("MILLRACE_TIME_SCALE", EnvironmentLayer.name("timeScale"));
    assertEquals(
        "MILLRACE_KINDS_NORMALIZE_GOOGLE_EMAIL_TIMEOUT_MS",
        EnvironmentLayer.name("kinds.normalize_google_email.timeoutMs"));
  }

  @Test
  void noTwoPathsShareAName() {
    ConfigurationSchema schema = ConfigurationSchema.load();
    Set<String> names = new HashSet<>();
    schema.leaves().forEach(path -> assertEquals(true, names.add(EnvironmentLayer.name(path))));
    // Profiles, schedules, queues, limits and what is kept by kind have names of their own, so they
    // stand in a file.
    assertEquals(names.size() - 5, new EnvironmentLayer(schema).names().size());
  }

  @Test
  void valuesTakeTheTypeOfTheirKey() {
    Configuration c =
        new ConfigurationLoader(
                Map.of(
                    "MILLRACE_GMAIL_INCLUDE_SPAM_TRASH", "true",
                    "MILLRACE_KINDS_NORMALIZE_GOOGLE_EMAIL_SLOTS", "3",
                    "MILLRACE_GOOGLE_ROOT_URL", "http://127.0.0.1:9100/",
                    "MILLRACE_TIME_SCALE", "2.5",
                    "MILLRACE_DATABASE_DIRECTORY", "",
                    "MILLRACE_SHARED", "somewhere",
                    "PATH", "/bin"))
            .load();
    assertEquals(true, c.gmail().includeSpamTrash());
    assertEquals(3, c.engine().kind("normalize_google_email").slots());
    assertEquals(2.5, c.timeScale());
    assertEquals(null, c.database().directory());
  }

  @Test
  void whatIsWrongIsNamedByItsVariable() {
    assertEquals(
        "MILLRACE_CONSOLE_PRT: no such variable; did you mean MILLRACE_CONSOLE_PORT?",
        refusal("MILLRACE_CONSOLE_PRT", "1"));
    assertEquals(
        "MILLRACE_XYZ: no such variable; names are paths of the configuration, such as"
            + " MILLRACE_GOOGLE_ROOT_URL",
        refusal("MILLRACE_XYZ", "1"));
    assertEquals(
        "MILLRACE_QUOTA_PROFILES_MINE_PRICES: no such variable; a profile of one's own stands in a"
            + " file, under quota.profiles",
        refusal("MILLRACE_QUOTA_PROFILES_MINE_PRICES", "1"));
    assertEquals(
        "MILLRACE_SCHEDULES_NIGHTLY_CRON: no such variable; schedules stand in a file, under"
            + " schedules",
        refusal("MILLRACE_SCHEDULES_NIGHTLY_CRON", "0 6 * * *"));
    assertEquals(
        "MILLRACE_CONSOLE_PORT: console.port = \"many\": must be a whole number from 0 to 65535 (the"
            + " port, 0 for any free one)",
        refusal("MILLRACE_CONSOLE_PORT", "many"));
    assertEquals(
        "MILLRACE_GMAIL_INCLUDE_SPAM_TRASH: gmail.includeSpamTrash = \"yes\": must be true or false"
            + " (whether messages in spam and trash are wanted)",
        refusal("MILLRACE_GMAIL_INCLUDE_SPAM_TRASH", "yes"));
  }

  private static String refusal(String name, String value) {
    ConfigurationLoader loader = new ConfigurationLoader(Map.of(name, value));
    return assertThrows(ExitException.class, loader::load)
        .getMessage()
        .replace("Configuration refused: ", "");
  }
}
