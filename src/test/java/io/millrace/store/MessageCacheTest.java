package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MessageData;
import io.millrace.google.MessageFormat;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is at hand is true, whatever becomes of Redis. */
@Timeout(120)
class MessageCacheTest {
  private static final long ALICE = 900_001;
  private static final long BOB = 900_002;
  private static final Duration PATIENCE = Duration.ofMillis(100);
  private static final byte[] SECRET = "dear diary".getBytes(StandardCharsets.UTF_8);

  private final Vertx vertx = StoreTestKit.VERTX;
  private final MessageRows rows = new MessageRows(pool());
  private final Vault vault = new Vault("a key");
  private final List<MessageCache> caches = new ArrayList<>();
  private RedisServer redis;

  @BeforeEach
  void mail() throws Exception {
    StoreTestKit.run("delete from message where user_id = any($1)", (Object) users());
    store(ALICE, "m1", "t1", 10);
    store(BOB, "m1", "t9", 10);
  }

  private static Long[] users() {
    return new Long[] {ALICE, BOB};
  }

  @AfterEach
  void close() throws Exception {
    for (MessageCache cache : caches) {
      await(cache.close());
    }
    if (redis != null) {
      redis.close();
    }
  }

  private static void store(long user, String id, String thread, int length) throws Exception {
    byte[] payload = new byte[length];
    System.arraycopy(SECRET, 0, payload, 0, Math.min(length, SECRET.length));
    MessageData data =
        new MessageData(
            id,
            thread,
            List.of("INBOX"),
            "snippet of " + user,
            "5",
            1_700_000_000_000L,
            7,
            payload,
            MessageFormat.METADATA,
            false,
            20);
    await(
        pool()
            .withConnection(c -> new Messages(pool()).store(c, user, 1, List.of(data)))
            .mapEmpty());
  }

  private MessageCache cache(CacheSettings settings) {
    MessageCache cache = new MessageCache(vertx, settings, rows, vault);
    caches.add(cache);
    return cache;
  }

  private CacheSettings withRedis() throws Exception {
    if (redis == null) {
      redis = RedisServer.start(vertx);
    }
    return CacheSettings.DEFAULT.withRedis(redis.uri(), "letmein", PATIENCE);
  }

  private static MessageRow got(Future<Optional<MessageRow>> found) throws Exception {
    return await(found).orElseThrow();
  }

  private static void relabel(long user, String label) throws Exception {
    StoreTestKit.run(
        "update message set label_ids = array[$2::text] where user_id = $1 and id = 'm1'",
        user,
        label);
  }

  @Test
  void aHundredWhoAskAtOnceCauseOneRead() throws Exception {
    MessageCache cache = cache(CacheSettings.DEFAULT);
    List<Future<Optional<MessageRow>>> asks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      asks.add(cache.get(ALICE, "m1"));
    }
    await(Future.all(asks));
    assertEquals(1, cache.figures().loads());
    got(cache.get(ALICE, "m1"));
    assertEquals(1, cache.figures().loads());
    assertEquals(101, cache.figures().asks());
    assertTrue(cache.figures().hitRate() > 0.98);
    assertEquals(99, cache.figures().shared() + cache.figures().memoryHits() - 1);
  }

  @Test
  void eachUserGetsTheirOwnAndNobodyWhatIsNotThere() throws Exception {
    MessageCache cache = cache(withRedis());
    for (int i = 0; i < 2; i++) {
      assertEquals("snippet of " + ALICE, got(cache.get(ALICE, "m1")).snippet());
      assertEquals("snippet of " + BOB, got(cache.get(BOB, "m1")).snippet());
      assertTrue(await(cache.get(ALICE, "m2")).isEmpty());
    }
    assertArrayEquals(SECRET, got(cache.get(ALICE, "m1")).payload());
  }

  @Test
  void whatThisProcessChangedIsNotAnsweredInItsOldForm() throws Exception {
    MessageCache cache = cache(CacheSettings.DEFAULT.withFresh(Duration.ofHours(1)));
    got(cache.get(ALICE, "m1"));
    relabel(ALICE, "DONE");
    cache.changed(ALICE, List.of("m1"));
    assertEquals(List.of("DONE"), got(cache.get(ALICE, "m1")).labelIds());
    StoreTestKit.run(
        "update message set deleted_at = clock() where user_id = $1 and id = 'm1'", ALICE);
    cache.changed(ALICE, List.of("m1"));
    assertTrue(got(cache.get(ALICE, "m1")).deleted());
  }

  @Test
  void whatAnotherProcessChangedIsNoticedWithoutReadingTheMailOfTheOthers() throws Exception {
    MessageCache cache = cache(CacheSettings.DEFAULT.withFresh(Duration.ZERO));
    got(cache.get(ALICE, "m1"));
    got(cache.get(ALICE, "m1"));
    assertEquals(1, cache.figures().loads());
    relabel(ALICE, "DONE");
    assertEquals(List.of("DONE"), got(cache.get(ALICE, "m1")).labelIds());
    assertEquals(2, cache.figures().loads());
  }

  @Test
  void memoryIsBoundedByWeight() throws Exception {
    CacheSettings settings = CacheSettings.DEFAULT;
    MessageCache cache =
        cache(
            new CacheSettings(
                20_000,
                15_000,
                15_000,
                settings.ttl(),
                Duration.ofHours(1),
                0,
                null,
                null,
                PATIENCE,
                "millrace"));
    for (int i = 0; i < 10; i++) {
      store(ALICE, "big" + i, "t1", 9_000);
      got(cache.get(ALICE, "big" + i));
    }
    assertTrue(cache.heldBytes() <= 20_000, () -> cache.heldBytes() + " bytes");
    store(ALICE, "huge", "t1", 16_000);
    got(cache.get(ALICE, "huge"));
    got(cache.get(ALICE, "huge"));
    assertEquals(12, cache.figures().loads(), "what is too large is read each time");
  }

  @Test
  void recentThreadsAreReadAhead() throws Exception {
    store(ALICE, "m2", "t1", 10);
    MessageCache cache = cache(CacheSettings.DEFAULT);
    cache.warm(ALICE, List.of("t1", "t1"));
    until(() -> cache.figures().warmed() == 2);
    got(cache.get(ALICE, "m1"));
    got(cache.get(ALICE, "m2"));
    assertEquals(0, cache.figures().loads());
    relabel(ALICE, "DONE");
    MessageCache late = cache(CacheSettings.DEFAULT);
    late.warm(ALICE, List.of("t1"));
    until(() -> late.figures().warmed() == 2);
    relabel(ALICE, "AGAIN");
    assertEquals(List.of("AGAIN"), got(late.get(ALICE, "m1")).labelIds(), "compared first");
  }

  @Test
  void redisSharesWhatItHoldsAndCannotReadIt() throws Exception {
    got(cache(withRedis()).get(ALICE, "m1"));
    Response held = inRedis("millrace:message:" + ALICE + ":m1");
    String text = new String(held.toBytes(), StandardCharsets.ISO_8859_1);
    assertFalse(text.contains("dear diary") || text.contains("snippet"), "in clear");
    MessageCache other = cache(withRedis());
    assertArrayEquals(SECRET, got(other.get(ALICE, "m1")).payload());
    assertEquals(1, other.figures().redisHits());
    assertEquals(0, other.figures().loads());
  }

  @Test
  void redisIsNotBelieved() throws Exception {
    got(cache(withRedis()).get(ALICE, "m1"));
    got(cache(withRedis()).get(BOB, "m1"));
    String alice = "millrace:message:" + ALICE + ":m1";
    byte[] hers = inRedis(alice).toBytes();
    // What was Bob's under her name, her own in an old form, and garbage.
    put(alice, inRedis("millrace:message:" + BOB + ":m1").toBytes());
    MessageCache cache = cache(withRedis());
    assertEquals("snippet of " + ALICE, got(cache.get(ALICE, "m1")).snippet());
    assertEquals(1, cache.figures().redisRefused());
    put(alice, new byte[] {1, 2, 3});
    assertEquals("snippet of " + ALICE, got(cache(withRedis()).get(ALICE, "m1")).snippet());
    relabel(ALICE, "DONE");
    put(alice, hers);
    assertEquals(List.of("DONE"), got(cache(withRedis()).get(ALICE, "m1")).labelIds());
  }

  @Test
  void whatIsTooLargeForRedisIsNeitherPutThereNorRead() throws Exception {
    CacheSettings redisAtHand = withRedis();
    CacheSettings small =
        new CacheSettings(
            redisAtHand.maxBytes(),
            redisAtHand.maxEntryBytes(),
            4_000,
            redisAtHand.ttl(),
            redisAtHand.fresh(),
            0,
            redisAtHand.redisUri(),
            redisAtHand.redisPassword(),
            redisAtHand.redisTimeout(),
            redisAtHand.redisPrefix());
    store(ALICE, "large", "t1", 9_000);
    MessageCache cache = cache(small);
    assertEquals(9_000, got(cache.get(ALICE, "large")).payload().length);
    got(cache.get(ALICE, "m1"));
    inRedis("millrace:message:" + ALICE + ":m1");
    String large = "millrace:message:" + ALICE + ":large";
    assertNull(ask(Request.cmd(Command.GET).arg(large)), "put before m1, if at all");

    put(large, new byte[3 << 20]);
    MessageCache other = cache(small);
    assertEquals(9_000, got(other.get(ALICE, "large")).payload().length);
    assertEquals(1, other.figures().redisRefused());
    assertEquals(1, other.figures().loads());
    assertArrayEquals(SECRET, got(cache(small).get(ALICE, "m1")).payload());
  }

  @Test
  void aRedisThatIsKilledMeansSlowerAndIsUsedAgainWhenItIsBack() throws Exception {
    MessageCache cache = cache(withRedis().withFresh(Duration.ZERO));
    got(cache.get(ALICE, "m1"));
    redis.kill();
    for (int i = 0; i < 50; i++) {
      relabel(ALICE, "L" + i);
      cache.changed(ALICE, List.of("m1"));
      assertEquals(List.of("L" + i), got(cache.get(ALICE, "m1")).labelIds());
    }
    assertTrue(cache.figures().redisFailures() > 0);
    redis.start();
    comesBack(cache);
  }

  @Test
  void aRedisThatIsFrozenCostsItsTimeoutAFewTimesOnly() throws Exception {
    MessageCache cache = cache(withRedis().withFresh(Duration.ZERO));
    got(cache.get(ALICE, "m1"));
    redis.freeze();
    try {
      long begun = System.nanoTime();
      List<Future<Optional<MessageRow>>> asks = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        store(ALICE, "n" + i, "t2", 10);
      }
      for (int i = 0; i < 200; i++) {
        asks.add(cache.get(ALICE, "n" + i));
      }
      await(Future.all(asks));
      for (int i = 0; i < 100; i++) {
        cache.changed(ALICE, List.of("m1"));
        got(cache.get(ALICE, "m1"));
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      assertTrue(millis < 10_000, millis + " ms for 300 reads");
      assertTrue(cache.figures().redisFailures() > 200);
    } finally {
      redis.thaw();
    }
    comesBack(cache);
  }

  @Test
  void whatIsNoRedisAtAllDoesNoHarm() throws Exception {
    NetServer liar =
        await(
            vertx
                .createNetServer()
                .connectHandler(s -> s.handler(b -> s.write("HTTP/1.1 400 Bad Request\r\n\r\n")))
                .listen(0, "127.0.0.1"));
    CacheSettings settings =
        CacheSettings.DEFAULT
            .withRedis("redis://127.0.0.1:" + liar.actualPort(), null, PATIENCE)
            .withFresh(Duration.ZERO);
    MessageCache cache = cache(settings);
    for (int i = 0; i < 20; i++) {
      cache.changed(ALICE, List.of("m1"));
      assertEquals("snippet of " + ALICE, got(cache.get(ALICE, "m1")).snippet());
    }
    assertTrue(cache.figures().redisFailures() > 0);
    await(liar.close());
  }

  /** Another process finds in Redis what this one puts there. */
  private void comesBack(MessageCache cache) throws Exception {
    until(
        () -> {
          cache.changed(ALICE, List.of("m1"));
          got(cache.get(ALICE, "m1"));
          MessageCache other = cache(withRedis());
          got(other.get(ALICE, "m1"));
          return other.figures().redisHits() == 1;
        });
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private void until(Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "it took too long");
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
    }
  }

  private Response inRedis(String key) throws Exception {
    Response[] held = new Response[1];
    until(() -> (held[0] = ask(Request.cmd(Command.GET).arg(key))) != null);
    return held[0];
  }

  private void put(String key, byte[] value) throws Exception {
    ask(Request.cmd(Command.SET).arg(key).arg(value));
  }

  private Response ask(Request request) throws Exception {
    Redis client =
        Redis.createClient(
            vertx, new RedisOptions().setConnectionString(redis.uri()).setPassword("letmein"));
    Response response = await(client.send(request));
    await(client.close());
    return response;
  }
}
