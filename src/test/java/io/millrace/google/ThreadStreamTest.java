package io.millrace.google;

import static io.millrace.google.Peer.USER;
import static io.millrace.google.Peer.await;
import static io.millrace.google.Peer.error;
import static io.millrace.google.Peer.message;
import static io.millrace.google.Peer.multipart;
import static io.millrace.google.Peer.part;
import static io.millrace.google.Peer.reply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.FetchPlan.ThreadGet;
import io.millrace.limit.QuotaWait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that fetches some of its messages with their threads. */
@ExtendWith(VertxExtension.class)
class ThreadStreamTest {
  private static final MessageStreamSettings FAST =
      new MessageStreamSettings(
          10, 3, 4, Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofMillis(5), 1);

  /** Threads a, b and c of three messages each, and two messages by themselves. */
  private static final FetchPlan PLAN =
      new FetchPlan(List.of(thread("a", 3), thread("b", 3), thread("c", 3)), List.of("x-0", "y-0"));

  private interface Answer {
    void to(HttpServerRequest r);
  }

  private final Map<String, Integer> fetched = new ConcurrentHashMap<>();
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private final Map<String, Answer> answers = new HashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private Vertx vertx;
  private Peer peer;

  private record Run(List<Fetched> out, Throwable end) {
    /** What became of each id that was asked for. */
    Map<String, String> outcomes() {
      Map<String, String> outcomes = new TreeMap<>();
      for (Fetched one : out) {
        boolean outcome =
            one instanceof Fetched.Message m ? m.asked() : !(one instanceof Fetched.Unthreaded);
        if (outcome) {
          assertNull(outcomes.put(one.id(), one.getClass().getSimpleName()), one.id());
        }
      }
      return outcomes;
    }

    long apart() {
      return out.stream().filter(f -> f instanceof Fetched.Unthreaded).count();
    }

    List<String> unasked() {
      return out.stream()
          .filter(f -> f instanceof Fetched.Message m && !m.asked())
          .map(Fetched::id)
          .toList();
    }
  }

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
    peer = Peer.with(given);
    peer.api = this::serve;
  }

  @AfterEach
  void stop() {
    assertEquals(0, peer.budget.held());
    peer.close();
  }

  @Test
  void threadsAndMessagesComeOnceAndAreChargedAtTheirPrices() {
    Run run = run(PLAN);
    assertNull(run.end());
    assertEquals(11, run.outcomes().size());
    assertEquals(0, run.apart());
    assertTrue(fetched.values().stream().allMatch(n -> n == 1), fetched::toString);
    assertEquals(3 * 40 + 2 * 20, peer.quota.taken.get());
    assertEquals(3 * 40 + 2 * 20, peer.client.traffic().user(USER).units());
  }

  @Test
  void whatAThreadBringsUnaskedIsEmittedAsSuch() {
    Run run = run(new FetchPlan(List.of(new ThreadGet("a", List.of("a-0", "a-1"))), List.of()));
    assertEquals(2, run.outcomes().size());
    assertEquals(List.of("a-2"), run.unasked());
  }

  @Test
  void aMessageThatAThreadBringsIsNotFetchedByItselfAsWell() {
    FetchPlan plan =
        new FetchPlan(List.of(new ThreadGet("a", List.of("a-0", "a-1"))), List.of("x-0", "a-2"));
    peer.quota.mostAtOnce = 20;
    Run run = run(plan, new MessageStreamSettings(1, 1, 4, ms(2), ms(20), ms(5), 1));
    assertEquals(4, run.outcomes().size());
    assertTrue(fetched.values().stream().allMatch(n -> n <= 2), fetched::toString);
    assertEquals(4, fetched.size());
  }

  @ParameterizedTest
  @CsvSource({"404, 1", "400, 1", "500, 2", "200, 2", "413, 1"})
  void aThreadThatCannotBeHadComesApart(int status, int tries) {
    answers.put(
        "a",
        r -> {
          switch (status) {
            case 404 -> reply(r, 404, error(404, "notFound", "Requested entity was not found."));
            case 400 -> reply(r, 400, error(400, "badRequest", "Bad"));
            case 500 -> reply(r, 500, error(500, "backendError", "Backend Error"));
            case 413 -> reply(r, 200, "{\"id\":\"a\",\"x\":\"" + "x".repeat(2 << 20) + "\"}");
            default -> reply(r, 200, "{\"id\":\"a\",\"messages\":[{\"id\":");
          }
        });
    Run run = run(PLAN);
    assertNull(run.end());
    assertEquals(11, run.outcomes().size());
    assertTrue(run.outcomes().values().stream().allMatch("Message"::equals), run::toString);
    assertEquals(1, run.apart());
    assertEquals(tries, asked.get("a"));
    assertTrue(fetched.values().stream().allMatch(n -> n == 1), fetched::toString);
  }

  @Test
  void whatIsMissingFromAThreadComesByItselfOrIsGone() {
    answers.put("a", r -> reply(r, 200, body("a", List.of("a-1"))));
    answers.put("b", r -> reply(r, 200, body("b", List.of("b-0", "b-1")).replace("[", "[{},")));
    answers.put(
        "a-0", r -> reply(r, 404, error(404, "notFound", "Requested entity was not found.")));
    Run run = run(PLAN);
    assertNull(run.end());
    assertEquals("Gone", run.outcomes().get("a-0"));
    assertEquals("Message", run.outcomes().get("a-2"));
    assertEquals("Message", run.outcomes().get("b-2"));
    assertEquals(11, run.outcomes().size());
    assertEquals(2, run.apart());
  }

  @Test
  void anOutageLeavesThePlanAsItIs() {
    answers.put("", r -> reply(r, 503, ""));
    Run run = run(PLAN);
    assertInstanceOf(GoogleException.class, run.end());
    assertEquals(0, run.outcomes().size());
  }

  @Test
  void aMessageThatSpoilsTheOnlyThreadThereIsIsFoundOut() {
    FetchPlan plan = new FetchPlan(List.of(thread("a", 3)), List.of());
    answers.put("a", r -> reply(r, 500, ""));
    answers.put("a-1", r -> reply(r, 500, ""));
    Run run = run(plan);
    assertNull(run.end());
    assertEquals("Failed", run.outcomes().get("a-1"));
    assertEquals("Message", run.outcomes().get("a-2"));
  }

  @Test
  void refusalsCostNoThreadAnAttempt() {
    AtomicInteger refusals = new AtomicInteger();
    answers.put(
        "a",
        r -> {
          if (refusals.incrementAndGet() < 4) {
            reply(
                r, 429, error(429, "rateLimitExceeded", "Too many concurrent requests for user."));
          } else {
            reply(r, 200, body("a", ids("a", 3)));
          }
        });
    Run run = run(PLAN);
    assertNull(run.end());
    assertEquals(0, run.apart());
    assertEquals(11, run.outcomes().size());
  }

  @Test
  void aQuotaWaitEndsTheStreamAndTakesNothingApart() {
    peer.quota.refuse = new QuotaWait(Peer.NOW.plusSeconds(9), "user-minute");
    Run run = run(PLAN);
    assertInstanceOf(QuotaWait.class, run.end());
    assertEquals(0, run.out().size());
  }

  @Test
  void threadsThatKeepEachOtherFromUnitsDoNotEndTheStream() {
    Scarcity scarcity = new Scarcity(Integer.MAX_VALUE, ms(1));
    Run run = run(threads(40));
    scarcity.end();
    assertNull(run.end());
    assertEquals(120, run.outcomes().size());
    assertEquals(0, run.apart());
    assertTrue(scarcity.failed > 0, "some were outrun");
    assertTrue(scarcity.crowd <= FAST.maxRequests(), scarcity.crowd + " ask at once");
  }

  @ParameterizedTest
  @CsvSource({"8, 1", "1000000, 9000"})
  void aStreamThatGetsNoUnitsAnyMoreOrMustWaitForLongYields(int grants, int wait) {
    Scarcity scarcity = new Scarcity(grants, ms(wait));
    Run run = run(threads(40));
    scarcity.end();
    assertInstanceOf(QuotaWait.class, run.end());
    assertTrue(run.out().size() > 0 && run.outcomes().size() < 120, run.out().size() + " came");
    assertEquals(0, run.apart());
  }

  /**
   * Grants one ask every few milliseconds, the last to come first, and refuses those that have
   * waited for ten turns: so some are always outrun.
   */
  private final class Scarcity {
    private static final int TURNS = 10;

    private record Ask(int units, long turn, Promise<Integer> promise) {}

    private final Deque<Ask> asks = new ArrayDeque<>();
    private final Duration wait;
    private final long timer;
    private int grants;
    private long turn;
    private int failed;
    private int crowd;

    Scarcity(int grants, Duration wait) {
      this.grants = grants;
      this.wait = wait;
      this.timer = vertx.setPeriodic(4, t -> turn());
      peer.quota.instead = this::ask;
    }

    private synchronized Future<Integer> ask(int units) {
      Ask ask = new Ask(units, turn, Promise.promise());
      asks.addLast(ask);
      // At the end, when it is known how many threads get in each other's way.
      crowd = asks.size();
      return ask.promise().future();
    }

    private void turn() {
      List<Ask> late = new ArrayList<>();
      Ask granted;
      synchronized (this) {
        turn++;
        granted = grants > 0 ? asks.pollLast() : null;
        grants -= granted == null ? 0 : 1;
        while (!asks.isEmpty() && asks.peekFirst().turn() + TURNS <= turn) {
          late.add(asks.pollFirst());
        }
        failed += late.size();
      }
      if (granted != null) {
        granted.promise().complete(granted.units());
      }
      late.forEach(
          ask -> ask.promise().fail(new QuotaWait(Peer.NOW.plus(wait), "the user's units")));
    }

    void end() {
      vertx.cancelTimer(timer);
    }
  }

  private static FetchPlan threads(int count) {
    List<ThreadGet> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(thread("t" + i, 3));
    }
    return new FetchPlan(threads, List.of());
  }

  @Test
  void noMoreThreadsAreInFlightThanPartsOfABatchWouldBe() {
    Run run = run(threads(40));
    assertEquals(120, run.outcomes().size());
    assertTrue(most.get() <= 10, most + " in flight");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void underAnyFaultsEveryIdHasExactlyOneOutcome(long seed) {
    Random random = new Random(seed);
    List<ThreadGet> threads = new ArrayList<>();
    List<String> gets = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      threads.add(thread("t" + i, 1 + random.nextInt(6)));
      gets.add("g" + i + "-0");
    }
    peer.api =
        (r, body) -> {
          switch (random.nextInt(12)) {
            case 0 -> r.connection().close();
            case 1 -> reply(r, 503, "");
            case 2 -> reply(r, 429, error(429, "rateLimitExceeded", "Resource has been exhausted"));
            case 3 -> reply(r, 200, "<html>");
            default -> serve(r, body);
          }
        };
    Run run =
        run(
            new FetchPlan(threads, gets),
            new MessageStreamSettings(10, 4, 9, ms(1), ms(4), ms(1), 1));
    assertNull(run.end());
    int all = threads.stream().mapToInt(t -> t.ids().size()).sum() + gets.size();
    assertEquals(all, run.outcomes().size());
    assertTrue(run.outcomes().values().stream().allMatch("Message"::equals), run::toString);
  }

  private static Duration ms(int ms) {
    return Duration.ofMillis(ms);
  }

  private static ThreadGet thread(String thread, int messages) {
    return new ThreadGet(thread, ids(thread, messages));
  }

  private static List<String> ids(String thread, int messages) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      ids.add(thread + "-" + i);
    }
    return ids;
  }

  private void serve(HttpServerRequest r, Buffer body) {
    if (answers.containsKey("")) {
      answers.get("").to(r);
    } else if (r.path().endsWith("/messages")) {
      reply(r, 200, "{\"messages\":[{\"id\":\"other-0\"}]}");
    } else if (r.path().contains("/threads/")) {
      String id = r.path().substring(r.path().lastIndexOf('/') + 1);
      asked.merge(id, 1, Integer::sum);
      most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
      // Later, so that others can come meanwhile.
      vertx.setTimer(
          2,
          t -> {
            inFlight.decrementAndGet();
            answers
                .getOrDefault(id, q -> reply(q, 200, body(id, ids(id, id.equals("a") ? 3 : 7))))
                .to(r);
          });
    } else {
      messages(r, Peer.ids(r, body));
    }
  }

  private void messages(HttpServerRequest r, List<String> ids) {
    if (!r.path().contains("batch")) {
      String id = ids.get(0);
      answers.getOrDefault(id, q -> reply(q, 200, one(id))).to(r);
      return;
    }
    StringBuilder parts = new StringBuilder();
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      boolean bad = answers.containsKey(id);
      parts.append(bad ? part(i, 500, error(500, "backendError", "x")) : part(i, 200, one(id)));
    }
    multipart(r, parts + "--b--");
  }

  private String one(String id) {
    fetched.merge(id, 1, Integer::sum);
    return message(id, "x");
  }

  private String body(String thread, List<String> ids) {
    return "{\"id\":\""
        + thread
        + "\",\"messages\":["
        + String.join(",", ids.stream().map(this::one).toList())
        + "]}";
  }

  private Run run(FetchPlan plan) {
    return run(plan, FAST);
  }

  private Run run(FetchPlan plan, MessageStreamSettings settings) {
    Promise<Run> promise = Promise.promise();
    List<Fetched> out = new ArrayList<>();
    vertx
        .getOrCreateContext()
        .runOnContext(
            v -> {
              MessageStream stream =
                  new MessageStream(
                      peer.client,
                      USER,
                      plan,
                      MessageFormat.FULL,
                      settings,
                      new SplittableRandom(1));
              stream.endHandler(e -> promise.complete(new Run(out, null)));
              stream.exceptionHandler(e -> promise.complete(new Run(out, e)));
              stream.handler(
                  f -> {
                    out.add(f);
                    if (f instanceof Fetched.Message m) {
                      peer.client.release(m.data());
                    }
                  });
            });
    return await(promise.future());
  }
}
