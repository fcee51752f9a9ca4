package io.millrace.google;

import static io.millrace.google.Peer.USER;
import static io.millrace.google.Peer.await;
import static io.millrace.google.Peer.error;
import static io.millrace.google.Peer.message;
import static io.millrace.google.Peer.multipart;
import static io.millrace.google.Peer.part;
import static io.millrace.google.Peer.reply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Denied;
import io.millrace.google.GoogleFailure.TooLarge;
import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.QuotaWait;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class MessageStreamTest {
  private static final MessageStreamSettings FAST =
      new MessageStreamSettings(
          10, 3, 4, Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofMillis(5), 1);

  private Vertx vertx;
  private Context context;
  private Peer peer;

  /** What a stream gave, and how it ended: null for well. */
  private record Run(List<Fetched> out, Throwable end) {
    Map<String, Fetched> byId() {
      return out.stream().collect(Collectors.toMap(Fetched::id, f -> f));
    }
  }

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
    context = vertx.getOrCreateContext();
    peer = Peer.with(given);
  }

  @AfterEach
  void stop() {
    assertEquals(0, peer.budget.held());
    peer.close();
  }

  @Test
  void everyIdComesOnceAndThenItEnds() {
    peer.api = each(id -> ok(id));
    Run run = run(ids(95));
    assertNull(run.end());
    assertEquals(Set.copyOf(ids(95)), run.byId().keySet());
    assertTrue(peer.calls.get() <= 10);
    assertEquals(1, run(List.of("a", "a")).out().size());
    assertEquals(0, run(List.of()).out().size());
  }

  @Test
  void whatIsNotGrantedAtOnceComesLater() {
    peer.api = each(id -> ok(id));
    peer.quota.mostAtOnce = 60;
    assertEquals(50, run(ids(50)).byId().size());
  }

  @Test
  void whatIsNotFoundIsLookedForTwice() {
    Map<String, Integer> asked = new ConcurrentHashMap<>();
    peer.api =
        each(
            id -> {
              int n = asked.merge(id, 1, Integer::sum);
              return id.equals("m3") || (id.equals("m4") && n == 1) ? notFound() : ok(id);
            });
    Run run = run(ids(20));
    assertInstanceOf(Fetched.Gone.class, run.byId().get("m3"));
    assertInstanceOf(Fetched.Message.class, run.byId().get("m4"));
    assertEquals(2, asked.get("m3"));
  }

  @Test
  void onePoisonedMessageIsGivenUpAndNotTheOthers() {
    peer.api = each(id -> id.equals("m3") ? new Part(200, "{\"id\":\"m3\",") : ok(id));
    Run run = run(ids(30));
    assertNull(run.end());
    assertEquals(30, run.byId().size());
    Fetched.Failed failed = (Fetched.Failed) run.byId().get("m3");
    assertEquals(4, failed.attempts());
    assertEquals(29, run.out().stream().filter(f -> f instanceof Fetched.Message).count());
  }

  @Test
  void poisonThatIsLeftAloneIsToldFromAnOutageByFetchingAnother() {
    peer.api =
        (r, body) -> {
          if (r.path().endsWith("/messages")) {
            reply(r, 200, "{\"messages\":[{\"id\":\"bad\"},{\"id\":\"good\"}]}");
          } else {
            each(id -> id.equals("bad") ? new Part(500, "") : ok(id)).accept(r, body);
          }
        };
    Run run = run(List.of("bad"));
    assertNull(run.end());
    assertInstanceOf(Unavailable.class, ((Fetched.Failed) run.out().get(0)).failure());
  }

  @Test
  void anOutageFailsTheStreamAndNoMessage() {
    peer.api = (r, b) -> reply(r, 503, "");
    Run run = run(ids(30));
    assertEquals(0, run.out().size());
    assertInstanceOf(Unavailable.class, ((GoogleException) run.end()).failure());
    peer.api = each(id -> new Part(200, "<html>"));
    run = run(ids(30));
    assertEquals(0, run.out().size());
    assertInstanceOf(GoogleException.class, run.end());
    peer.api = (r, b) -> r.connection().close();
    assertInstanceOf(GoogleException.class, run(ids(3)).end());
  }

  @Test
  void aBatchThatFailsAsAWholeIsHalvedUntilTheCulpritStandsAlone() {
    peer.api =
        (r, body) -> {
          if (Peer.ids(r, body).contains("m5")) {
            r.connection().close();
          } else {
            each(id -> ok(id)).accept(r, body);
          }
        };
    Run run = run(ids(40));
    assertNull(run.end());
    assertInstanceOf(Fetched.Failed.class, run.byId().get("m5"));
    assertEquals(39, run.out().stream().filter(f -> f instanceof Fetched.Message).count());
  }

  @Test
  void whatIsTooLargeComesWithoutItsBodyOrNotAtAll() {
    peer.api =
        each(
            (id, format) ->
                (id.equals("m2") && !format.equals("minimal"))
                        || (id.equals("m1") && format.equals("full"))
                    ? new Part(200, message(id, "x".repeat(1 << 20)))
                    : ok(id));
    Run run = run(ids(12));
    assertNull(run.end());
    MessageData reduced = ((Fetched.Message) run.byId().get("m1")).data();
    assertTrue(reduced.bodyOmitted());
    assertEquals(MessageFormat.METADATA, reduced.format());
    assertInstanceOf(TooLarge.class, ((Fetched.Failed) run.byId().get("m2")).failure());
    assertEquals(
        10,
        run.out().stream()
            .filter(f -> f instanceof Fetched.Message m && !m.data().bodyOmitted())
            .count());
  }

  @Test
  void aBadIdIsGivenUpAtOnceButOnlyAlone() {
    Map<String, Integer> asked = new ConcurrentHashMap<>();
    peer.api =
        each(
            id -> {
              asked.merge(id, 1, Integer::sum);
              return id.equals("m0")
                  ? new Part(400, error(400, "badRequest", "Invalid id"))
                  : ok(id);
            });
    Run run = run(ids(10));
    assertInstanceOf(Fetched.Failed.class, run.byId().get("m0"));
    assertEquals(2, asked.get("m0"));
  }

  @Test
  void refusalsCostNoMessageAnAttempt() {
    Random random = new Random(3);
    peer.api =
        each(
            id -> {
              double dice = random.nextDouble();
              return dice < 0.4
                  ? new Part(
                      429,
                      error(429, "rateLimitExceeded", "Too many concurrent requests for user."))
                  : dice < 0.6
                      ? new Part(403, error(403, "rateLimitExceeded", "Quota exceeded"))
                      : ok(id);
            });
    Set<String> left = new LinkedHashSet<>(ids(60));
    while (!left.isEmpty()) {
      Run run = run(List.copyOf(left));
      assertTrue(run.end() == null || run.end() instanceof QuotaWait);
      assertTrue(run.out().stream().allMatch(f -> f instanceof Fetched.Message));
      assertTrue(left.removeAll(run.byId().keySet()) || run.out().isEmpty());
    }
  }

  @Test
  void refusalsOfOneMomentDoNotMakeTheRequestsSmaller() {
    String crowded = error(429, "rateLimitExceeded", "Too many concurrent requests for user.");
    BiConsumer<HttpServerRequest, Buffer> works = each(id -> ok(id));
    peer.api =
        (r, b) -> {
          if (peer.calls.get() <= FAST.maxRequests()) {
            reply(r, 429, crowded);
          } else {
            works.accept(r, b);
          }
        };
    int requests = FAST.maxRequests();
    assertEquals(30, run(ids(requests * FAST.batchParts())).byId().size());
    // How many may be in flight was halved, once, and that still leaves room for these.
    assertEquals(2 * requests, peer.calls.get());
  }

  @Test
  void nothingButRefusalsIsAWait() {
    peer.api =
        (r, b) -> reply(r, 429, error(429, "rateLimitExceeded", "Resource has been exhausted"));
    Run run = run(ids(10));
    assertEquals(0, run.out().size());
    assertInstanceOf(QuotaWait.class, run.end());
  }

  @Test
  void aQuotaWaitEndsTheStreamAfterWhatIsInFlight() {
    peer.api =
        (r, body) -> {
          peer.quota.refuse = new QuotaWait(Peer.NOW.plusSeconds(9), "user-minute");
          each(id -> ok(id)).accept(r, body);
        };
    Run run = run(ids(95));
    assertEquals(Peer.NOW.plusSeconds(9), ((QuotaWait) run.end()).until());
    assertTrue(run.out().size() >= 10 && run.out().size() <= 30, "got " + run.out().size());
    assertEquals(run.out().size(), run.byId().size());
  }

  @Test
  void aDeadGrantOrADenialEndsIt() {
    peer.api = (r, b) -> reply(r, 403, error(403, "domainPolicy", "disabled Gmail apps"));
    assertInstanceOf(Denied.class, ((GoogleException) run(ids(5)).end()).failure());
    peer.tokenEndpoint = (r, b) -> reply(r, 400, "{\"error\":\"invalid_grant\"}");
    peer.accessTokens.reject(USER, "t1");
    assertInstanceOf(DeadGrant.class, ((GoogleException) run(ids(5)).end()).failure());
  }

  @Test
  void withoutDemandNothingIsAskedFor() {
    peer.api = each(id -> ok(id));
    List<Fetched> out = new CopyOnWriteArrayList<>();
    Promise<MessageStream> made = Promise.promise();
    Promise<Void> ended = Promise.promise();
    context.runOnContext(
        v -> {
          MessageStream stream =
              new MessageStream(peer.client, USER, ids(30), MessageFormat.FULL, FAST);
          stream.pause().endHandler(e -> ended.complete());
          stream.handler(
              f -> {
                out.add(f);
                release(f);
                if (out.size() == 5) {
                  context.runOnContext(w -> made.complete(stream));
                }
              });
          context.runOnContext(
              w -> {
                assertEquals(0, peer.calls.get());
                stream.fetch(5);
              });
        });
    MessageStream stream = await(made.future());
    // What more of the same request came is held, and nothing else was asked for.
    assertEquals(5, out.size());
    assertEquals(1, peer.calls.get());
    context.runOnContext(v -> stream.fetch(Long.MAX_VALUE).fetch(Long.MAX_VALUE));
    await(ended.future());
    assertEquals(30, out.size());
  }

  @Test
  void aCancelledStreamIsSilentAndHoldsNothing() {
    Promise<Void> closed = Promise.promise();
    Promise<Void> done = Promise.promise();
    List<Fetched> out = new ArrayList<>();
    peer.api =
        (r, body) -> {
          if (Peer.ids(r, body).contains("m0")) {
            each(id -> ok(id)).accept(r, body);
          } else {
            r.response().exceptionHandler(e -> closed.tryComplete());
            r.connection().closeHandler(v -> closed.tryComplete());
          }
        };
    context.runOnContext(
        v -> {
          MessageStream stream =
              new MessageStream(peer.client, USER, ids(30), MessageFormat.FULL, FAST);
          stream.exceptionHandler(done::tryFail).endHandler(e -> done.tryFail("ended"));
          stream.handler(
              f -> {
                out.add(f);
                release(f);
                assertEquals(1, out.size());
                stream.cancel();
                context.runOnContext(w -> done.tryComplete());
              });
        });
    await(done.future());
    await(closed.future());
  }

  @Test
  void aHandlerThatThrowsFailsTheStream() {
    peer.api = each(id -> ok(id));
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        v -> {
          MessageStream stream =
              new MessageStream(peer.client, USER, ids(5), MessageFormat.FULL, FAST);
          stream.exceptionHandler(done::fail);
          stream.handler(
              f -> {
                release(f);
                throw new IllegalStateException("full");
              });
        });
    assertEquals(
        "full", assertThrows(IllegalStateException.class, () -> await(done.future())).getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void underAnyFaultsEveryIdHasExactlyOneOutcome(long seed) {
    Random random = new Random(seed);
    Set<String> gone = Set.of("m7", "m70", "m111");
    Set<String> poison = Set.of("m9", "m90", "m199");
    peer.api =
        (r, body) -> {
          double dice = random.nextDouble();
          if (r.path().endsWith("/messages")) {
            reply(r, 200, "{\"messages\":[{\"id\":\"other\"}]}");
          } else if (dice < 0.03) {
            r.connection().close();
          } else if (dice < 0.06) {
            reply(r, 503, "<html>");
          } else if (dice < 0.08) {
            reply(r, 429, error(429, "rateLimitExceeded", "Resource has been exhausted"));
          } else if (dice < 0.10) {
            reply(r, 200, "<html>");
          } else {
            each(
                    id -> random.nextDouble() < 0.1 ? fault(random) : outcome(id, gone, poison),
                    random)
                .accept(r, body);
          }
        };
    MessageStreamSettings patient =
        new MessageStreamSettings(
            25, 4, 9, Duration.ofMillis(1), Duration.ofMillis(4), Duration.ofMillis(1), 1);
    Run run = run(ids(200), patient, seed);
    assertNull(run.end());
    assertEquals(200, run.out().size());
    Map<String, Fetched> byId = run.byId();
    Map<String, Integer> kinds = new HashMap<>();
    byId.forEach(
        (id, f) -> {
          kinds.merge(f.getClass().getSimpleName(), 1, Integer::sum);
          assertEquals(poison.contains(id), f instanceof Fetched.Failed, id);
          assertTrue(gone.contains(id) || !(f instanceof Fetched.Gone), id);
        });
    assertEquals(3, kinds.get("Failed"));
    assertEquals(3, kinds.get("Gone"));
  }

  private static Part outcome(String id, Set<String> gone, Set<String> poison) {
    return gone.contains(id) ? notFound() : poison.contains(id) ? new Part(500, "") : ok(id);
  }

  private static Part fault(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> new Part(500, error(500, "backendError", "Backend Error"));
      case 1 -> new Part(429, error(429, "r", "Too many concurrent requests for user."));
      case 2 -> new Part(403, error(403, "rateLimitExceeded", "Rate Limit Exceeded"));
      case 3 -> new Part(200, "{\"id\":");
      case 4 -> new Part(200, message("another", "x"));
      default -> new Part(404, "<html>not the API's</html>");
    };
  }

  private record Part(int status, String body) {}

  private interface Answer {
    Part to(String id, String format);
  }

  private static Part ok(String id) {
    return new Part(200, message(id, "x"));
  }

  private static Part notFound() {
    return new Part(404, error(404, "notFound", "Requested entity was not found."));
  }

  private static BiConsumer<HttpServerRequest, Buffer> each(Function<String, Part> answer) {
    return each((id, format) -> answer.apply(id));
  }

  private static BiConsumer<HttpServerRequest, Buffer> each(Answer answer) {
    return (r, body) -> {
      if (r.path().endsWith("/messages")) {
        reply(r, 200, "{\"messages\":[{\"id\":\"other\"}]}");
        return;
      }
      List<String> ids = Peer.ids(r, body);
      String all = r.uri() + body;
      String format = all.substring(all.indexOf("format=") + 7).split("&", 2)[0];
      if (!r.path().contains("batch")) {
        Part part = answer.to(ids.get(0), format);
        reply(r, part.status(), part.body());
        return;
      }
      StringBuilder parts = new StringBuilder();
      for (int i = 0; i < ids.size(); i++) {
        Part part = answer.to(ids.get(i), format);
        parts.append(part(i, part.status(), part.body()));
      }
      multipart(r, parts + "--b--");
    };
  }

  /** The same, with parts missing and the answer cut short now and then. */
  private static BiConsumer<HttpServerRequest, Buffer> each(
      Function<String, Part> answer, Random random) {
    return (r, body) -> {
      List<String> ids = Peer.ids(r, body);
      if (!r.path().contains("batch")) {
        Part part = answer.apply(ids.get(0));
        reply(r, part.status(), part.body());
        return;
      }
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        if (random.nextInt(20) > 0) {
          Part part = answer.apply(ids.get(i));
          parts.add(part(i, part.status(), part.body()));
        }
      }
      Collections.shuffle(parts, random);
      String text = String.join("", parts) + "--b--";
      multipart(r, random.nextInt(10) == 0 ? text.substring(0, text.length() / 2) : text);
    };
  }

  private static List<String> ids(int n) {
    return IntStream.range(0, n).mapToObj(i -> "m" + i).toList();
  }

  private Run run(List<String> ids) {
    return run(ids, FAST, 1);
  }

  private Run run(List<String> ids, MessageStreamSettings settings, long seed) {
    Promise<Run> promise = Promise.promise();
    List<Fetched> out = new ArrayList<>();
    context.runOnContext(
        v -> {
          MessageStream stream =
              new MessageStream(
                  peer.client, USER, ids, MessageFormat.FULL, settings, new SplittableRandom(seed));
          stream.endHandler(e -> promise.complete(new Run(out, null)));
          stream.exceptionHandler(e -> promise.complete(new Run(out, e)));
          stream.handler(
              f -> {
                assertFalse(promise.future().isComplete());
                out.add(f);
                release(f);
              });
        });
    return await(promise.future());
  }

  private void release(Fetched fetched) {
    if (fetched instanceof Fetched.Message m) {
      peer.client.release(m.data());
    }
  }
}
