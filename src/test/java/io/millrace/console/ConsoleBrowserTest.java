package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.browser.Browser;
import io.millrace.browser.Browsers;
import io.millrace.browser.Tab;
import io.millrace.chaos.CuttingProxy;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people do at the console, in a real browser. */
@Tag("browser")
@Timeout(180)
class ConsoleBrowserTest {
  private static final List<String> SCREENS =
      List.of("overview", "mailboxes", "jobs", "failures", "queues", "limits", "health", "audit");

  private static ApiTestKit kit;
  private static Browser browser;
  private Tab tab;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
    browser = Browsers.start(kit.vertx);
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
    tab = browser.tab(1280, 800);
  }

  @AfterEach
  void nothingWentWrong() throws Exception {
    if (tab != null) {
      tab.close();
      assertEquals(List.of(), tab.errors());
    }
  }

  private void go(int port, String address) throws Exception {
    tab.go("http://127.0.0.1:" + port + "/#/" + address);
  }

  private void enter(String token, String address) throws Exception {
    enter(kit.console.port(), token, address);
  }

  private void enter(int port, String token, String address) throws Exception {
    go(port, address);
    tab.type("#token", token);
    tab.click("Enter");
    tab.sees("Live");
  }

  @Test
  void nobodyGetsInWithoutAToken() throws Exception {
    go(kit.console.port(), "overview");
    tab.type("#token", "a guess");
    tab.click("Enter");
    tab.until("document.querySelector('[role=alert]')");
    assertFalse(tab.shows("Overview"));
    Browsers.assertAccessible(tab, "login");
    Browsers.picture(tab, "login-1280");
  }

  @Test
  void aFailedJobIsFoundUnderstoodAndRedriven() throws Exception {
    long job = kit.dead(kit.alice, 7);
    enter(ApiTestKit.OPERATOR, "failures");
    tab.sees("it is below 0");
    tab.click("An example");
    tab.sees("Letter " + job);
    Browsers.picture(tab, "letter-1280");
    tab.click("Redrive");
    tab.sees("It lives again as job");
    tab.sees("It was redriven");
    assertNotEquals(
        0L, kit.number("select count(*) from job_dead where id = $1 and redriven_as > 0", job));
  }

  @Test
  void manyDeadLettersAreCountedBeforeAnythingIsDone() throws Exception {
    for (int n = 1; n <= 3; n++) {
      kit.dead(kit.bob, n);
    }
    enter(ApiTestKit.OPERATOR, "failures");
    tab.click("Purge all that match…");
    tab.sees("Purge 3 dead letters?");
    tab.click("Not now");
    assertEquals(3, kit.number("select count(*) from job_dead"));
    tab.click("Purge all that match…");
    tab.click("Purge 3 dead letters");
    tab.sees("Purged: 3 dead letters.");
    tab.sees("Nothing has failed for good.");
    assertEquals(0, kit.number("select count(*) from job_dead"));
  }

  @Test
  void aJobTellsWhyItWaitsAndIsCancelled() throws Exception {
    long job = kit.later(kit.alice);
    enter(ApiTestKit.OPERATOR, "jobs?state=scheduled");
    tab.click(Long.toString(job));
    tab.sees("Why it waits");
    tab.sees("schedule");
    tab.click("Cancel…");
    tab.type("#ask-reason", "not wanted");
    tab.click("Cancel it");
    tab.sees("It is cancelled.");
    tab.until("document.querySelector('h1 .state')?.textContent === 'cancelled'");
    kit.until(job, "cancelled");
  }

  @Test
  void aFilterStandsInTheAddress() throws Exception {
    kit.later(kit.alice);
    long dead = kit.dead(kit.bob, 1);
    enter(ApiTestKit.OPERATOR, "jobs");
    tab.sees("scheduled");
    tab.type("#by-state", "dead");
    tab.until("location.hash.includes('state=dead')");
    tab.until(
        "document.querySelector('tbody') && [...document.querySelectorAll('tbody tr')].every(r => r.textContent.includes('dead'))");
    tab.sees(Long.toString(dead));
    tab.eval("history.back()");
    tab.until("document.querySelectorAll('tbody tr').length === 2");
  }

  @Test
  void aQueueIsPausedAndResumed() throws Exception {
    String queue =
        kit.one(String.class, "select queue from job_kind where name = $1", ApiTestKit.KIND);
    enter(ApiTestKit.OPERATOR, "queues");
    tab.click("Pause Queue " + queue);
    tab.sees("Queue " + queue + " is paused.");
    tab.click("Resume Queue " + queue);
    tab.sees("Queue " + queue + " goes on.");
    tab.until("!document.querySelector('[data-state=paused]')");
  }

  @Test
  void aViewerSeesAllAndChangesNothing() throws Exception {
    enter(ApiTestKit.VIEWER, "queues");
    tab.sees("view (viewer)");
    tab.until("document.querySelector('article')");
    assertFalse((boolean) tab.eval("[...document.querySelectorAll('main button')].length > 0"));
    assertEquals(
        403,
        ((Number)
                tab.eval(
                    "import('/ui/api.js').then(m => m.post('/queues/default/pause')).then(() => 200, e => e.status)"))
            .intValue());
  }

  @Test
  void anEndUserSeesTheirMailboxAndNoOther() throws Exception {
    enter(ApiTestKit.ALICE, "");
    tab.sees("alice@example.org");
    assertFalse(tab.shows("bob@example.org"));
    assertFalse(tab.shows("Failures"));
    tab.click("alice@example.org");
    tab.click("Pause");
    tab.until("document.querySelector('dialog[open]')");
    tab.eval("document.querySelector('dialog[open] button.main').click()");
    tab.sees("It is paused.");
    tab.click("Resume");
    tab.sees("It goes on.");
  }

  @Test
  void aLostConnectionShowsItselfAndHeals() throws Exception {
    try (CuttingProxy line = CuttingProxy.to(kit.console.port(), 1)) {
      enter(line.port(), ApiTestKit.OPERATOR, "jobs");
      tab.sees("No job is meant by this filter.");
      line.refuse(true);
      line.cutAll();
      tab.sees("The connection to Millrace is lost");
      Browsers.assertAccessible(tab, "lost");
      Browsers.picture(tab, "lost-1280");
      long job = kit.later(kit.alice);
      line.refuse(false);
      tab.until("document.querySelector('#link')?.textContent === 'Live'");
      tab.sees(Long.toString(job));
    }
  }

  @Test
  void whileNobodyLooksNothingIsAsked() throws Exception {
    enter(ApiTestKit.OPERATOR, "jobs");
    hide(true);
    tab.sees("Paused while nobody looks");
    long job = kit.later(kit.alice);
    assertFalse(tab.shows(Long.toString(job)));
    hide(false);
    tab.sees("Live");
    tab.sees(Long.toString(job));
  }

  private void hide(boolean hidden) throws Exception {
    tab.eval(
        "Object.defineProperty(document, 'hidden', {value: %s, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))"
            .formatted(hidden));
  }

  @Test
  void keysLeadToScreens() throws Exception {
    enter(ApiTestKit.OPERATOR, "overview");
    tab.press("g");
    tab.press("q");
    tab.until("location.hash === '#/queues'");
    tab.press("?");
    tab.until("document.querySelector('dialog[open]')");
    tab.sees("Keyboard shortcuts");
    Browsers.assertAccessible(tab, "help");
  }

  @Test
  void everyScreenIsFitForEverybody() throws Exception {
    long dead = kit.dead(kit.alice, 1);
    long later = kit.later(kit.bob);
    enter(ApiTestKit.OPERATOR, "overview");
    List<String> all =
        Stream.concat(
                SCREENS.stream(),
                Stream.of("jobs/" + later, "failures/" + dead, "mailboxes/" + kit.alice))
            .toList();
    for (String scheme : List.of("light", "dark")) {
      tab.scheme(scheme);
      for (int width : List.of(1280, 360)) {
        tab.size(width, width == 360 ? 740 : 800);
        for (String screen : all) {
          String what = screen.replaceAll("/.*", "-one") + "-" + width + "-" + scheme;
          tab.eval("location.hash = '#/%s'".formatted(screen));
          tab.until(
              "document.querySelector('main h1') && !document.querySelector('main > * > .note[role=status]')");
          Browsers.assertFits(tab, what);
          Browsers.assertAccessible(tab, what);
          Browsers.picture(tab, what);
        }
      }
    }
  }
}
