package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleSettings;
import io.millrace.sim.SimAccount;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.millrace.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mailbox is compared with Google, and what differs is repaired. */
@Timeout(180)
class VerificationTest {
  private final Vertx vertx = Vertx.vertx();
  @TempDir Path directory;
  private Simulator simulator;
  private Configuration configuration;
  private String address;

  @BeforeEach
  void sync() throws Exception {
    simulator =
        await(
            Simulator.start(
                vertx,
                SimOptions.defaults()
                    .withMailboxes(1)
                    .withMessages(150)
                    .withTimeScale(20)
                    .withProfile("legacy")));
    URI root = URI.create(simulator.rootUrl());
    URI tokens = URI.create(simulator.tokenUrl());
    configuration =
        new ConfigurationLoader(Map.of())
            .preset("timeScale", 20)
            .preset("quota.profile", "legacy")
            .preset("google.rootUrl", simulator.rootUrl())
            .preset("google.tokenUrl", simulator.tokenUrl())
            .preset("gmail.pollMs", 3_600_000)
            .preset("database.directory", directory.resolve("data").toString())
            .load()
            .withGoogle(
                new GoogleSettings(
                    root,
                    tokens,
                    Simulator.CLIENT_ID,
                    Simulator.CLIENT_SECRET,
                    Duration.ofSeconds(10),
                    50));
    SimAccount account = simulator.accounts().get(0);
    address = account.email();
    withDatabase(
        (own, database) -> {
          Millrace millrace = await(Millrace.start(own, configuration, database));
          long user = await(millrace.mailboxes().connect(address, account.refreshToken()));
          await(millrace.sync(List.of(user)));
          while (!await(millrace.mailboxes().states(List.of(user)))
              .get(0)
              .phase()
              .equals("complete")) {
            await(own.timer(50, TimeUnit.MILLISECONDS));
          }
          await(millrace.stop());
        });
  }

  @AfterEach
  void close() throws Exception {
    await(simulator.close());
    await(vertx.close());
  }

  @Test
  void whatDiffersIsToldAndThenRepaired() throws Exception {
    JsonObject clean = verify(true, 0);
    assertTrue(clean.getBoolean("same"));
    long all = clean.getLong("listed");
    assertEquals(all, clean.getLong("stored"));

    order("add");
    run(
        "delete from message where id in (select id from message order by id limit 3)",
        "update message set deleted_at = clock()"
            + " where id in (select id from message order by id desc limit 2)",
        "insert into message select user_id, 'ffffffffffffff00', thread_id, history_id,"
            + " internal_date, label_ids, size_estimate, snippet, format, body_omitted, payload,"
            + " run_id from message limit 1",
        "update sync_run set stored = stored + 7, listed = listed + 7");

    JsonObject told = verify(true, 1);
    assertFalse(told.getBoolean("same"));
    assertEquals(Map.of("missing", 3, "buried", 2, "extra", 1, "counts", 1), differences(told));
    assertEquals(1, told.getInteger("moving"));
    assertEquals(told.encode(), verify(true, 1).encode(), "looking changes nothing");
    assertEquals(0, number("select count(*) from sync_seen"));

    JsonObject repaired = verify(false, 0);
    assertEquals(Map.of(), differences(repaired));
    assertEquals(
        Map.of("missing", 3, "buried", 2, "extra", 1, "counts", 1),
        repaired.getJsonObject("repaired").getMap());
    assertEquals(all + 1, repaired.getLong("stored"));
    assertEquals(1, repaired.getInteger("tombstones"));
    assertEquals(0, repaired.getInteger("moving"));
    assertEquals(repaired.getString("historyId"), repaired.getString("cursor"));
    assertEquals(
        1,
        number("select count(*) from job where state = 'scheduled'"),
        "the mailbox is followed as before");
  }

  @Test
  void whatCannotBeVerifiedIsSaid() throws Exception {
    ExitException unknown =
        assertThrows(
            ExitException.class,
            () ->
                Verification.run(
                    new VerifyOptions("nobody@example.org", true, true),
                    configuration,
                    new CapturedTerminal(false).terminal));
    assertTrue(unknown.getMessage().contains("nobody@example.org"), unknown.getMessage());
    order("revoke-grant");
    order("revoke");
    ExitException revoked = assertThrows(ExitException.class, () -> verify(true, 1));
    assertTrue(revoked.getMessage().contains("connected again"), revoked.getMessage());
    assertEquals(ExitException.INCOMPLETE, revoked.status());
  }

  private JsonObject verify(boolean dryRun, int status) throws Exception {
    CapturedTerminal captured = new CapturedTerminal(false);
    assertEquals(
        status,
        Verification.run(
            new VerifyOptions(address, dryRun, true), configuration, captured.terminal),
        captured::out);
    return new JsonObject(captured.out());
  }

  private static Map<String, Object> differences(JsonObject report) {
    Map<String, Object> kinds = new HashMap<>();
    report
        .getJsonArray("differences")
        .forEach(
            d -> kinds.put(((JsonObject) d).getString("kind"), ((JsonObject) d).getValue("count")));
    return kinds;
  }

  private void run(String... statements) throws Exception {
    withDatabase(
        (own, database) -> {
          for (String statement : statements) {
            await(database.pool().query(statement).execute());
          }
        });
  }

  private long number(String sql) throws Exception {
    long[] number = new long[1];
    withDatabase(
        (own, database) ->
            number[0] = await(database.pool().query(sql).execute()).iterator().next().getLong(0));
    return number[0];
  }

  private interface Work {
    void on(Vertx own, Database database) throws Exception;
  }

  private void withDatabase(Work work) throws Exception {
    Vertx own = Vertx.vertx();
    Database database = await(Database.open(own, configuration.database()));
    try {
      work.on(own, database);
    } finally {
      await(database.close());
      await(own.close());
    }
  }

  private void order(String what) throws Exception {
    HttpClient client = vertx.createHttpClient();
    await(
        client
            .request(HttpMethod.POST, simulator.port(), "127.0.0.1", "/sim/" + what)
            // In one step: a body that comes before somebody reads it is lost.
            .compose(
                r ->
                    r.send(new JsonObject().put("email", address).toBuffer())
                        .compose(HttpClientResponse::body))
            .eventually(client::close));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(100, TimeUnit.SECONDS);
  }
}
