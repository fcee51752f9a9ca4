package io.millrace.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** What browser tests have in common. */
public final class Browsers {
  private Browsers() {}

  /** Starts a browser; where none is installed the test is skipped, and says so. */
  public static Browser start(Vertx vertx) throws Exception {
    Optional<Path> program = Browser.installed();
    Assumptions.assumeTrue(
        program.isPresent(),
        "skipped: there is no Chromium on the path; Debian has it in the package chromium");
    return Browser.start(vertx, program.orElseThrow());
  }

  /** Fails if axe finds a violation that is serious or critical in what is shown. */
  public static void assertAccessible(Tab tab, String what) throws Exception {
    tab.eval(axe());
    String found =
        (String)
            tab.eval(
                """
                axe.run(document, {resultTypes: ["violations"]}).then(all => JSON.stringify(
                  all.violations.filter(v => ["serious", "critical"].includes(v.impact))
                    .map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | "))))
                """);
    assertEquals(List.of(), new JsonArray(found).getList(), what);
  }

  /** Fails if the page is wider than the window. */
  public static void assertFits(Tab tab, String what) throws Exception {
    assertEquals(
        "[]",
        tab.eval(
            """
            JSON.stringify(document.documentElement.scrollWidth <= innerWidth ? []
              : [...document.querySelectorAll("body *")]
                  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                  .map(e => e.outerHTML.slice(0, 120)).slice(0, 5))
            """),
        what);
  }

  /** Keeps a picture under target/. */
  public static void picture(Tab tab, String name) throws Exception {
    tab.picture(Path.of("target", "screenshots", name + ".png"));
  }

  private static String axe() throws Exception {
    try (InputStream in = Browsers.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
