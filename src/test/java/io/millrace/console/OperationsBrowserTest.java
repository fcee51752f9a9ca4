package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.browser.Browser;
import io.millrace.browser.Browsers;
import io.millrace.browser.Tab;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How those who keep Millrace running see what is wrong, in a real browser. */
@Tag("browser")
@Timeout(180)
class OperationsBrowserTest {
  private static ApiTestKit kit;
  private static Browser browser;
  private Tab tab;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
    browser = Browsers.start(kit.vertx);
    kit.watched.start();
    LifeTestKit.live(kit);
  }

  @AfterAll
  static void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
    kit.close();
  }

  @BeforeEach
  void newTab() throws Exception {
    kit.clean();
    kit.run("truncate health_sample, usage_daily, flow");
    kit.watched.found("orphans", 0);
    tab = browser.tab(1280, 800);
  }

  @AfterEach
  void nothingWentWrong() throws Exception {
    if (tab != null) {
      tab.close();
      assertEquals(List.of(), tab.errors());
    }
  }

  private void enter(String address) throws Exception {
    tab.go("http://127.0.0.1:" + kit.console.port() + "/#/" + address);
    tab.type("#token", ApiTestKit.OPERATOR);
    tab.click("Enter");
    tab.sees("Live");
  }

  private void screen(String address) throws Exception {
    tab.eval("location.hash = '#/%s'".formatted(address));
    tab.until(
        "document.querySelector('main h1') && !document.querySelector('main .note[role=status]')");
  }

  @Test
  void anAlertRisesAndClearsWhileThePageIsOpen() throws Exception {
    enter("overview");
    tab.sees("Nothing is wrong.");
    assertFalse((boolean) tab.eval("!!document.querySelector('header .count')"));
    kit.watched.found("orphans", 3);
    tab.sees("jobs that check orphans found stuck: 3, a warning above 0");
    tab.until("document.querySelector('header .count')?.textContent.trim() === '1 alert'");
    Browsers.assertAccessible(tab, "alert");
    screen("queues");
    tab.sees("1 alert");
    assertEquals(
        200,
        ((Number) tab.eval("fetch('/runbooks/stuck.md').then(answer => answer.status)"))
            .intValue());
    screen("overview");
    kit.watched.found("orphans", 0);
    tab.sees("Nothing is wrong.");
    tab.until("!document.querySelector('header .count')");
    tab.click("Told lately");
    tab.sees("jobs that check orphans found stuck: 0, all is well again");
  }

  @Test
  void theLastHourIsThereAtOnceAndCanBeSplit() throws Exception {
    LifeTestKit.fill(kit);
    enter("overview");
    tab.until("/in [0-9,]{6,}, done [0-9,]{6,}, failed/.test(document.body.innerText)");
    choose("kind");
    tab.until("/normalize_google_email [0-9,]{6,}/.test(document.body.innerText)");
    choose("queue");
    tab.until("/hour, by the minute: (default|none) [0-9,]{6,}/.test(document.body.innerText)");
    choose("state");
    tab.until("/completed [0-9,]{6,}/.test(document.body.innerText)");
    choose("node");
    tab.sees("mill-1/4711 at most 20 runs at once");
    tab.sees("9,400 of 15,000 units");
    tab.until("document.querySelector('canvas')?.style.width");
  }

  private void choose(String by) throws Exception {
    tab.until("document.querySelector('#flow-by')");
    tab.eval(
        "(e => { e.value = '%s'; e.dispatchEvent(new Event('change', {bubbles: true})); })(document.querySelector('#flow-by'))"
            .formatted(by));
  }

  @Test
  void healthTellsWhyAndWhatToDoAndRepairs() throws Exception {
    LifeTestKit.fill(kit);
    enter("overview");
    tab.press("g");
    tab.press("h");
    tab.sees("18 % of 420 jobs failed for good");
    tab.sees("72 of 100");
    tab.sees("empty in");
    tab.sees("alice@example.org");
    tab.click("Repair keys");
    tab.sees("The check keys found nothing wrong.");
  }

  @Test
  void limitsTellTheirPastAndWhatWorkCost() throws Exception {
    LifeTestKit.fill(kit);
    enter("limits");
    tab.sees("concurrency:normalize_google_email");
    tab.sees("all slots were used and all went well");
    tab.until("document.querySelectorAll('svg.steps path').length >= 3");
    tab.sees("another client spends this quota");
    tab.sees("All users, by day in UTC");
    tab.until("/2\\.[0-9]{2} of 3 of the day/.test(document.body.innerText)");
  }

  @Test
  void theAttemptsOfAJobAreSeenInTime() throws Exception {
    long job = LifeTestKit.tried(kit);
    enter("jobs/" + job);
    tab.until("document.querySelectorAll('.runs rect.failed').length === 5");
    tab.sees("the mail server hung up");
  }

  @Test
  void screensFullOfLifeAreFitForEverybody() throws Exception {
    LifeTestKit.fill(kit);
    long job = LifeTestKit.tried(kit);
    for (int n = 1; n <= 4; n++) {
      kit.dead(n % 2 == 0 ? kit.alice : kit.bob, n);
    }
    kit.later(kit.bob);
    enter("overview");
    tab.sees("1 alert");
    for (String scheme : List.of("light", "dark")) {
      tab.scheme(scheme);
      for (int width : List.of(1280, 360)) {
        tab.size(width, width == 360 ? 740 : 960);
        for (String screen :
            List.of("overview", "failures", "jobs/" + job, "limits", "health", "jobs")) {
          String what = screen.replaceAll("/.*", "-one") + "-life-" + width + "-" + scheme;
          screen(screen);
          Browsers.assertFits(tab, what);
          Browsers.assertAccessible(tab, what);
          Browsers.picture(tab, what);
        }
      }
    }
  }
}
