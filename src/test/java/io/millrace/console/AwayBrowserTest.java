package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.browser.Browser;
import io.millrace.browser.Browsers;
import io.millrace.browser.Tab;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** While the database is away the dashboard shows what it knew last, and says so. */
@Tag("browser")
@Timeout(180)
class AwayBrowserTest {
  @Test
  void theLastKnownStateIsShownAsSuchAndTheDashboardRecovers() throws Exception {
    ApiTestKit kit = new ApiTestKit(Duration.ofSeconds(2));
    try (Browser browser = Browsers.start(kit.vertx)) {
      long job = kit.later(kit.alice);
      Tab tab = browser.tab(1280, 800);
      tab.go("http://127.0.0.1:" + kit.console.port() + "/#/jobs");
      tab.type("#token", ApiTestKit.OPERATOR);
      tab.click("Enter");
      tab.sees(Long.toString(job));
      kit.line.refuse(true);
      kit.line.cutAll();
      tab.sees("The database does not answer. What you see is the last that is known.");
      assertTrue(tab.shows(Long.toString(job)));
      Browsers.assertAccessible(tab, "away");
      Browsers.picture(tab, "database-away-1280");
      kit.line.refuse(false);
      tab.until("!document.querySelector('main [role=alert]')");
      assertTrue(tab.shows(Long.toString(job)));
      assertEquals(List.of(), tab.errors());
    } finally {
      kit.line.refuse(false);
      kit.close();
    }
  }
}
