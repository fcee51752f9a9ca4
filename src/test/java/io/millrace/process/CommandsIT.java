package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands that ask a running Millrace, from the packaged jar. */
@Timeout(120)
class CommandsIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pattern RUNNING = Pattern.compile("is running; see (http://\\S+?)/?\\s");

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void theyAskWhatRunsAndSayWhenNobodyAnswers() throws Exception {
    Path conf = here.file("conf.json", "{\"console\": {\"port\": 0}}");
    MillraceProcess service = here.start("run", "--conf", conf);
    String url = service.awaitError(RUNNING, SOON).group(1);

    MillraceProcess health = here.start("health", "--url", url).ends(0, SOON);
    assertTrue(health.out().startsWith("ready"), health::out);
    JsonObject page = here.start("jobs", "list", "--json", "--url", url).ends(0, SOON).json();
    assertEquals(0, page.getJsonArray("items").size());
    MillraceProcess missing = here.start("jobs", "show", "4711", "--url", url).ends(1, SOON);
    assertEquals("millrace: There is no such job.", missing.err().strip());

    // Where it listens is told by the configuration as well; a token does not harm it.
    int port = Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
    Map<String, String> environment =
        Map.of("MILLRACE_CONSOLE_PORT", "" + port, "MILLRACE_TOKEN", "any");
    here.start(384, environment, new Object[] {"mailboxes", "list"}).ends(0, SOON);

    service.terminate();
    service.ends(MillraceProcess.TERMINATED, SOON);
    MillraceProcess nobody = here.start("dead", "groups", "--url", url).ends(3, SOON);
    assertTrue(nobody.err().contains("nobody answers there"), nobody::err);
  }
}
