package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.browser.Browser;
import io.millrace.browser.Browsers;
import io.millrace.browser.Tab;
import io.millrace.chaos.CuttingProxy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the console must not do, nor let its people do unawares, in a real browser. */
@Tag("browser")
@Timeout(180)
class ConsoleSafetyBrowserTest {
  private static final long BEYOND_2_TO_53 = 9_007_199_254_740_993L;

  /**
   * Answers some requests of the page in the server's place: {@code answers} maps a path to a
   * function of the request that gives [status, body], or nothing where the server is to answer.
   */
  private static final String STAND_IN =
      """
      (() => {
        const server = window.fetch;
        window.answers ??= {};
        window.sent = [];
        window.underWay = 0;
        window.mostUnderWay = 0;
        window.fetch = async (address, request = {}) => {
          const path = String(address).split("?")[0];
          const answer = window.answers[path];
          if (!answer) {
            return server(address, request);
          }
          sent.push({ path, headers: request.headers ?? {}, raw: request.body, body: request.body && JSON.parse(request.body) });
          mostUnderWay = Math.max(mostUnderWay, ++underWay);
          const given = await answer(request, sent.at(-1).body);
          underWay--;
          return given ? new Response(typeof given[1] === "string" || given[1] instanceof ReadableStream ? given[1] : JSON.stringify(given[1]), { status: given[0] }) : server(address, request);
        };
      })()""";

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

  private void enter(String address) throws Exception {
    enter(kit.console.port(), address);
  }

  private void enter(int port, String address) throws Exception {
    tab.go("http://127.0.0.1:" + port + "/#/" + address);
    tab.type("#token", ApiTestKit.OPERATOR);
    tab.click("Enter");
    tab.sees("Live");
  }

  private void to(String address) throws Exception {
    tab.eval("location.hash = '#/%s'".formatted(address));
  }

  private void answer(String path, String function) throws Exception {
    tab.eval("answers['%s'] = %s; 0".formatted(path, function));
  }

  private void standIn() throws Exception {
    tab.eval(STAND_IN);
  }

  private boolean offers(String button) throws Exception {
    return (boolean)
        tab.eval(
            "[...document.querySelectorAll('button')].some(b => b.textContent.trim() === '%s')"
                .formatted(button));
  }

  private void hide(boolean hidden) throws Exception {
    tab.eval(
        "Object.defineProperty(document, 'hidden', {value: %s, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))"
            .formatted(hidden));
  }

  @Test
  void aMistypedFilterIsToldAtItsFieldAndMeansNobody() throws Exception {
    kit.dead(kit.alice, 1);
    kit.dead(kit.bob, 2);
    enter("failures?user=ailce");
    tab.until("document.querySelector('#by-user[aria-invalid=true] ~ #wrong-user')");
    assertFalse(offers("Purge all that match…"));
    Browsers.assertAccessible(tab, "fault");
    Browsers.picture(tab, "fault-1280");
    tab.type("#by-user", Long.toString(kit.alice));
    tab.until("!document.querySelector('#wrong-user')");
    tab.click("Purge all that match…");
    tab.sees("Purge 1 dead letter?");
    tab.sees("Meant are those of user " + kit.alice + ".");
    tab.click("Not now");
    to("jobs?user=ailce");
    tab.until("document.querySelector('#by-user[aria-invalid=true] ~ #wrong-user')");
    assertFalse(offers("Cancel all live ones that match…"));
    tab.type("#by-user", "bob@example.org");
    tab.until("location.hash.endsWith('?user=%d')".formatted(kit.bob));
    tab.until("!document.querySelector('#wrong-user')");
    assertTrue(offers("Cancel all live ones that match…"));
    assertEquals(2, kit.number("select count(*) from job_dead"));
  }

  @Test
  void aDialogActsOnNothingButWhatItNames() throws Exception {
    long one = kit.later(kit.alice);
    long other = kit.later(kit.bob);
    enter("jobs/" + one);
    tab.click("Cancel…");
    tab.sees("Cancel job " + one + "?");
    to("jobs/" + other);
    tab.until("!document.querySelector('dialog[open]')");
    tab.sees("Job " + other);
    tab.until("!document.querySelector('main button[disabled]')");
    assertEquals(2, kit.number("select count(*) from job_scheduled"));
    to("mailboxes/" + kit.alice);
    tab.click("Disconnect…");
    tab.sees("Disconnect alice@example.org?");
    to("mailboxes/" + kit.bob);
    tab.until("!document.querySelector('dialog[open]')");
    tab.sees("bob@example.org");
    assertEquals(0, kit.number("select count(*) from mailbox where disconnected_at is not null"));
  }

  @Test
  void whatCameAfterTheCountIsNotMeant() throws Exception {
    kit.dead(kit.alice, 1);
    enter("failures");
    standIn();
    answer(
        "/api/v1/dead/bulk",
        """
        (request, body) => body.dryRun
          ? [200, { count: 3, atLeast: false, at: "2026-11-22T10:00:00Z", upTo: null }]
          : [200, { redriven: 1, keyTaken: [], payloadGone: [], next: "more" }]
        """);
    tab.click("Redrive all that match…");
    tab.click("Redrive 3 dead letters");
    tab.sees("Redriven: 3 dead letters.");
    assertEquals(4, ((Number) tab.eval("sent.length")).intValue(), "no step more than there were");
    assertTrue(
        (boolean)
            tab.eval(
                "sent.slice(1).every(({ body }) => body.filter.until === '2026-11-22T10:00:00Z')"));
    answer(
        "/api/v1/jobs/bulk",
        """
        (request, body) => body.dryRun
          ? [200, { count: 1, atLeast: false, at: "2026-11-22T10:00:00Z", upTo: 77 }]
          : [200, { cancelled: 1, stopping: 0, next: null }]
        """);
    to("jobs");
    tab.click("Cancel all live ones that match…");
    tab.sees("Meant are all, of every kind and of every user.");
    tab.click("Cancel 1 job");
    tab.sees("Cancelled or stopping: 1 job.");
    assertEquals(77, ((Number) tab.eval("sent.at(-1).body.filter.upTo")).intValue());
  }

  @Test
  void whatGoesOnForManyIsSeenAndStopped() throws Exception {
    kit.dead(kit.alice, 1);
    enter("failures");
    standIn();
    answer(
        "/api/v1/dead/bulk",
        """
        (request, body) => body.dryRun
          ? [200, { count: 90, atLeast: false }]
          : new Promise(done => window.goOn = () => done([200, { redriven: 10, keyTaken: [], payloadGone: [], next: "more" }]))
        """);
    tab.click("Redrive all that match…");
    tab.click("Redrive 90 dead letters");
    tab.until("window.goOn");
    tab.eval("goOn()");
    tab.sees("Redriven: 10 of 90 dead letters.");
    Browsers.assertAccessible(tab, "work");
    Browsers.picture(tab, "work-1280");
    tab.click("Stop");
    tab.eval("goOn()");
    tab.sees("Redriven: 20 dead letters. Stopped before the rest.");
    tab.click("Redrive all that match…");
    tab.click("Redrive 90 dead letters");
    tab.until("sent.length === 5");
    to("queues");
    tab.until("document.querySelector('queues-screen article')");
    tab.eval("goOn()");
    tab.sees("Stopped before the rest: its screen was left.");
    assertEquals(5, ((Number) tab.eval("sent.length")).intValue());
  }

  @Test
  void whoCouldNotLogOutIsToldAndStays() throws Exception {
    try (CuttingProxy line = CuttingProxy.to(kit.console.port(), 1)) {
      enter(line.port(), "queues");
      tab.until("document.querySelector('article')");
      line.refuse(true);
      line.cutAll();
      tab.click("Log out");
      tab.sees("You are still logged in: Millrace does not answer.");
      line.refuse(false);
      tab.sees("Live");
      standIn();
      answer(
          "/api/v1/me", "({ headers }) => headers.Authorization ? null : [200, { csrf: 'kept' }]");
      answer("/api/v1/logout", "() => [200, { changed: true }]");
      tab.click("Log out");
      tab.until("document.querySelector('#token')");
      assertEquals(
          "kept",
          tab.eval(
              "sent.find(({ path, headers }) => path === '/api/v1/logout' && !headers.Authorization).headers['X-CSRF-Token']"),
          "the session beneath the token ends as well");
      assertEquals(0, ((Number) tab.eval("sessionStorage.length")).intValue());
      assertEquals("connecting", tab.eval("import('/ui/events.js').then(m => m.live.state)"));
    }
  }

  @Test
  void aWrongTokenIsForgotten() throws Exception {
    tab.go("http://127.0.0.1:" + kit.console.port() + "/");
    tab.type("#token", "a guess");
    tab.click("Enter");
    tab.sees("This token opens nothing here.");
    assertEquals(0, ((Number) tab.eval("sessionStorage.length")).intValue());
    tab.eval(
        "Promise.all(Array.from({length: 30}, (_, n) => fetch('/api/v1/me', {headers: {Authorization: 'Bearer ' + n}})))");
    tab.type("#token", "another guess");
    tab.click("Enter");
    tab.sees("Too many requests");
    assertTrue((boolean) tab.eval("document.querySelector('#token') !== null"));
    tab.eval("location.reload()");
    tab.until("document.querySelector('#token')");
  }

  @Test
  void muchThatHappensKeepsNoScreenFromItsAnswer() throws Exception {
    enter("queues");
    standIn();
    answer("/api/v1/jobs", "() => new Promise(done => setTimeout(() => done(null), 2500))");
    tab.eval(
        """
        import("/ui/events.js").then(({ live }) => setInterval(() => live.dispatchEvent(new CustomEvent(
          "event", { detail: { name: "jobs", data: { counts: {}, jobs: [] } } })), 50)).then(() => 0)""");
    to("jobs");
    tab.sees("No job is meant by this filter.");
    assertEquals(1, ((Number) tab.eval("mostUnderWay")).intValue());
  }

  @Test
  void aDatabaseThatIsAwayIsToldOnEachScreen() throws Exception {
    enter("jobs");
    tab.sees("No job is meant by this filter.");
    standIn();
    String away =
        "() => [503, { code: 'database_away', status: 503, detail: 'The database does not answer.' }]";
    answer("/api/v1/jobs", away);
    answer("/health/ready", away);
    to("jobs?kind=x");
    tab.sees("Database away since");
    to("checks");
    tab.until("document.querySelector('main[data-known=last] h1')");
    Browsers.assertAccessible(tab, "away");
    Browsers.picture(tab, "away-1280");
    tab.eval("answers = {}");
    tab.until("document.querySelector('#link')?.textContent === 'Live'");
    assertTrue((boolean) tab.eval("document.querySelector('main[data-known=now]') !== null"));
  }

  @Test
  void theStreamTellsThatTheDatabaseIsAwayAndThatOthersHoldAllPlaces() throws Exception {
    enter("queues");
    standIn();
    answer("/health/ready", "() => [503, { code: 'database_away' }]");
    answer(
        "/api/v1/events",
        """
        () => [200, new ReadableStream({ start(stream) {
          stream.enqueue(new TextEncoder().encode('event: stale\\ndata: {"since":"2026-11-22T10:00:00Z"}\\n\\n'));
        } })]
        """);
    hide(true);
    hide(false);
    tab.sees("Database away since");
    tab.eval("delete answers['/health/ready']; 0");
    answer("/api/v1/events", "() => [503, { code: 'too_many_readers', detail: 'Too many.' }]");
    hide(true);
    hide(false);
    tab.sees("Too many consoles are open");
    tab.eval("delete answers['/api/v1/events']; 0");
    tab.until("document.querySelector('#link')?.textContent === 'Live'");
  }

  @Test
  void aGreatNumberInAPayloadIsKept() throws Exception {
    long letter = kit.dead(kit.alice, 1);
    enter("failures");
    standIn();
    String path = "/api/v1/dead/" + letter;
    String told =
        new JsonObject(kit.send("GET", path, ApiTestKit.OPERATOR, null).body())
            .put("payload", new JsonObject().put("n", BEYOND_2_TO_53))
            .encode();
    answer(path, "() => [200, %s]".formatted(new JsonArray().add(told).encode() + "[0]"));
    answer(path + "/payload", "() => [200, { changed: true }]");
    to("failures/" + letter);
    tab.until("document.querySelector('#payload')?.value.includes('%d')".formatted(BEYOND_2_TO_53));
    tab.click("Save the payload");
    tab.sees("The payload is saved");
    assertEquals(
        "{\"payload\":{\n  \"n\": %d\n}}".formatted(BEYOND_2_TO_53),
        tab.eval("sent.find(({ path }) => path.endsWith('/payload')).raw"));
  }

  @Test
  void whatIsWrongWithOneIsNotSaidOfAnother() throws Exception {
    long job = kit.later(kit.alice);
    enter("jobs/99999999");
    tab.sees("There is no such job.");
    to("jobs/" + job);
    tab.sees("Job " + job);
    assertFalse(tab.shows("There is no such job."));
  }

  @Test
  void keysAreSwitchedOff() throws Exception {
    enter("overview");
    tab.press("?");
    tab.until("document.querySelector('dialog[open]')");
    tab.eval("document.querySelector('dialog[open] input[type=checkbox]').click()");
    tab.click("Close");
    tab.press("g");
    tab.press("q");
    tab.press("?");
    tab.eval("window.before = true; location.reload()");
    tab.until("!window.before && document.querySelector('#link')?.textContent === 'Live'");
    tab.press("?");
    assertFalse((boolean) tab.eval("document.querySelector('dialog[open]') !== null"));
    assertEquals("#/overview", tab.eval("location.hash"));
    tab.eval("document.querySelector('header button[aria-label]').click()");
    tab.eval("document.querySelector('dialog[open] input[type=checkbox]').click()");
    tab.click("Close");
    tab.press("?");
    tab.until("document.querySelector('dialog[open]')");
  }
}
