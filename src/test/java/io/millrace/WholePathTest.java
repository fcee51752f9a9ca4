package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleSettings;
import io.millrace.sim.SimAccount;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
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

/** The main job, with a real database and the simulator in this process. */
@Timeout(180)
class WholePathTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aMailboxIsSyncedNormalisedAndAccountedFor() throws Exception {
    Result result = sync(SimOptions.defaults().withMailboxes(3).withMessages(300), Map.of());
    for (Mailboxes.State state : result.states) {
      assertEquals("complete", state.phase());
      assertEquals(state.listed(), state.stored());
    }
    assertEquals(0, result.throttled);
    assertTrue(result.stored() > 800, "stored " + result.stored());
    assertEquals(result.stored(), result.interactions);
  }

  @Test
  @Tag("slow")
  void harshFaultsLoseNothing() throws Exception {
    Result result =
        sync(
            SimOptions.defaults().withMailboxes(3).withMessages(400).withFaults("harsh"), Map.of());
    for (Mailboxes.State state : result.states) {
      assertEquals("complete", state.phase());
      assertEquals(
          state.listed(), state.stored() + state.duplicate() + state.gone() + state.deadLettered());
    }
    assertEquals(result.stored(), result.interactions);
    assertTrue(result.dead() <= result.permanentlyBad);
  }

  private record Result(
      List<Mailboxes.State> states, long interactions, long throttled, long permanentlyBad) {
    long stored() {
      return states.stream().mapToLong(Mailboxes.State::stored).sum();
    }

    long dead() {
      return states.stream().mapToLong(Mailboxes.State::deadLettered).sum();
    }
  }

  private Result sync(SimOptions options, Map<String, Object> more) throws Exception {
    Simulator simulator =
        await(Simulator.start(vertx, options.withTimeScale(20).withProfile("legacy")));
    ConfigurationLoader loader =
        new ConfigurationLoader(Map.of())
            .preset("timeScale", 20)
            .preset("quota.profile", "legacy")
            .preset("google.rootUrl", simulator.rootUrl())
            .preset("google.tokenUrl", simulator.tokenUrl())
            .preset("gmail.pollMs", 0);
    more.forEach(loader::preset);
    Configuration configuration = loader.load();
    configuration =
        configuration.withGoogle(
            new GoogleSettings(
                URI.create(simulator.rootUrl()),
                URI.create(simulator.tokenUrl()),
                Simulator.CLIENT_ID,
                Simulator.CLIENT_SECRET,
                Duration.ofSeconds(10),
                50));
    Database database =
        await(Database.open(vertx, new io.millrace.store.DatabaseSettings(null, null, null, 10)));
    Millrace millrace = await(Millrace.start(vertx, configuration, database));
    try {
      List<Long> users = new ArrayList<>();
      for (SimAccount account : simulator.accounts()) {
        users.add(await(millrace.mailboxes().connect(account.email(), account.refreshToken())));
      }
      await(millrace.sync(users));
      await(idle(millrace, users));
      return new Result(
          await(millrace.mailboxes().states(users)),
          await(millrace.interactions().derived(users)).interactions(),
          simulator.report().throttled(),
          simulator.report().permanentlyBad());
    } finally {
      await(millrace.stop());
      await(database.close());
      await(simulator.close());
    }
  }

  /** Completes when no job of these users is left to run. */
  private Future<Void> idle(Millrace millrace, List<Long> users) {
    return millrace
        .jobs()
        .unfinished(users)
        .compose(
            (Jobs.Unfinished left) ->
                left.live() == 0
                    ? Future.succeededFuture()
                    : vertx.timer(100, TimeUnit.MILLISECONDS).compose(t -> idle(millrace, users)));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(170, TimeUnit.SECONDS);
  }
}
