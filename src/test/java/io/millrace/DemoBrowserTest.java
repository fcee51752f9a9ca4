package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.browser.Browser;
import io.millrace.browser.Browsers;
import io.millrace.browser.Tab;
import io.millrace.google.GoogleSettings;
import io.millrace.sim.SimAccount;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mailbox is watched from its connection to its end, in a real browser. */
@Tag("browser")
@Timeout(180)
class DemoBrowserTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aMailboxIsWatchedToItsEnd() throws Exception {
    try (Browser browser = Browsers.start(vertx)) {
      Simulator simulator =
          await(
              Simulator.start(
                  vertx,
                  SimOptions.defaults()
                      .withMailboxes(2)
                      .withMessages(600)
                      .withTimeScale(20)
                      .withProfile("legacy")));
      Database database = await(Database.open(vertx, new DatabaseSettings(null, null, null, 10)));
      Configuration configuration = configuration(simulator);
      Millrace millrace = await(Millrace.start(vertx, configuration, database));
      try {
        watch(browser, simulator, millrace, await(millrace.serve(configuration)));
      } finally {
        await(millrace.stop());
        await(database.close());
        await(simulator.close());
      }
    }
  }

  private void watch(Browser browser, Simulator simulator, Millrace millrace, int port)
      throws Exception {
    Tab tab = browser.tab(1280, 800);
    tab.go("http://127.0.0.1:" + port + "/#/mailboxes");
    tab.sees("No mailbox is connected yet.");
    List<Long> users = new ArrayList<>();
    for (SimAccount account : simulator.accounts()) {
      users.add(await(millrace.mailboxes().connect(account.email(), account.refreshToken())));
    }
    await(millrace.sync(users));
    tab.sees(simulator.accounts().get(0).email());
    Browsers.picture(tab, "syncing-1280");
    tab.until(
        "document.querySelectorAll('tbody [data-state=\"in sync\"]').length === " + users.size(),
        90_000);
    Browsers.picture(tab, "in-sync-1280");
    tab.click(simulator.accounts().get(0).email());
    tab.sees("Complete: each of");
    Browsers.picture(tab, "mailbox-1280");
    Browsers.assertAccessible(tab, "mailbox");
    tab.eval("location.hash = '#/overview'");
    tab.sees("2 of 2 mailboxes in sync");
    tab.until("/: in [1-9][0-9]*, done [1-9][0-9]*, failed 0/.test(document.body.innerText)");
    tab.until("document.querySelector('canvas')?.style.width");
    Browsers.picture(tab, "overview-in-sync-1280");
    assertEquals(List.of(), tab.errors());
  }

  private static Configuration configuration(Simulator simulator) throws Exception {
    return new ConfigurationLoader(Map.of())
        .preset("timeScale", 20)
        .preset("quota.profile", "legacy")
        .preset("google.rootUrl", simulator.rootUrl())
        .preset("google.tokenUrl", simulator.tokenUrl())
        .preset("gmail.pollMs", 0)
        .preset("console.port", 0)
        .load()
        .withGoogle(
            new GoogleSettings(
                URI.create(simulator.rootUrl()),
                URI.create(simulator.tokenUrl()),
                Simulator.CLIENT_ID,
                Simulator.CLIENT_SECRET,
                Duration.ofSeconds(10),
                50));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(170, TimeUnit.SECONDS);
  }
}
