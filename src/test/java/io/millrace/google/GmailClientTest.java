package io.millrace.google;

import static io.millrace.google.Peer.USER;
import static io.millrace.google.Peer.await;
import static io.millrace.google.Peer.error;
import static io.millrace.google.Peer.failure;
import static io.millrace.google.Peer.gzip;
import static io.millrace.google.Peer.gzipped;
import static io.millrace.google.Peer.ids;
import static io.millrace.google.Peer.message;
import static io.millrace.google.Peer.multipart;
import static io.millrace.google.Peer.part;
import static io.millrace.google.Peer.reply;
import static io.millrace.google.Peer.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.GoogleFailure.QuotaExceeded;
import io.millrace.google.GoogleFailure.TooLarge;
import io.millrace.google.GoogleFailure.Unauthorized;
import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.google.HistoryChange.Added;
import io.millrace.google.HistoryChange.Deleted;
import io.millrace.google.HistoryChange.Relabelled;
import io.millrace.limit.QuotaWait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class GmailClientTest {
  private Vertx vertx;
  private Peer peer;

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
    peer = Peer.with(given);
  }

  @AfterEach
  void stop() {
    assertEquals(0, peer.budget.held());
    peer.close();
  }

  @Test
  void aProfileIsRead() {
    peer.api =
        (r, b) -> {
          assertEquals("Bearer t1", r.getHeader("Authorization"));
          assertEquals("gzip", r.getHeader("Accept-Encoding"));
          assertTrue(r.getHeader("User-Agent").matches("millrace/\\S+ \\(gzip\\)"));
          gzipped(
              r.response(),
              gzip(utf8("{\"emailAddress\":\"a@b\",\"historyId\":9,\"messagesTotal\":3}")));
        };
    assertEquals(new MailboxProfile("a@b", "9", 3), await(peer.client.profile(USER)));
    assertEquals(1, peer.client.traffic().user(USER).units());
  }

  @Test
  void aListingMayBeEmptyAndGoOn() {
    peer.api = (r, b) -> reply(r, 200, "{\"nextPageToken\":\"n\",\"resultSizeEstimate\":5}");
    assertEquals(
        new IdPage(List.of(), "n", 5),
        await(peer.client.list(USER, 500, "p&x=1", true, "in:inbox a+b", List.of("A", "B"))));
    peer.api =
        (r, b) -> {
          assertEquals(List.of("A", "B"), r.params().getAll("labelIds"));
          assertEquals("in:inbox a+b", r.getParam("q"));
          assertEquals("p&x=1", r.getParam("pageToken"));
          reply(r, 200, "{\"messages\":[{\"id\":\"1\",\"threadId\":\"2\"},{\"id\":\"3\"}]}");
        };
    assertEquals(
        new IdPage(List.of(new MessageRef("1", "2"), new MessageRef("3", "3")), null, 0),
        await(peer.client.list(USER, 500, "p&x=1", true, "in:inbox a+b", List.of("A", "B"))));
  }

  @Test
  void aPageThatLosesAnIdIsNotTaken() {
    for (String messages : List.of("[{}]", "[null]", "{}", "[{\"id\":[]}]", "[{\"id\":\"1\"}")) {
      peer.api = (r, b) -> reply(r, 200, "{\"messages\":" + messages + "}");
      assertInstanceOf(
          Malformed.class, failure(peer.client.list(USER, 5, null, false, null, List.of())));
    }
  }

  @Test
  void aHistoryIsReadByItsTypedArrays() {
    peer.api =
        (r, b) ->
            reply(
                r,
                200,
                "{\"history\":[{\"id\":\"1\",\"messages\":[{\"id\":\"x\"}],\"messagesAdded\":["
                    + "{\"message\":{\"id\":\"a\",\"threadId\":\"t\"}}]},"
                    + "{\"id\":\"18446744073709551615\",\"messagesDeleted\":[{\"message\":{\"id\":\"d\"}}],"
                    + "\"labelsAdded\":[{\"message\":{\"id\":\"m\"},\"labelIds\":[\"S\"]}],\"labelsRemoved\":["
                    + "{\"message\":{\"id\":\"l\",\"labelIds\":[\"INBOX\"]},\"labelIds\":[\"U\"]}"
                    + "]}],\"historyId\":\"77\"}");
    assertEquals(
        new HistoryPage(
            List.of(
                new Added("a", "t", List.of()),
                new Relabelled("m", "m", List.of("S"), List.of(), null),
                new Relabelled("l", "l", List.of(), List.of("U"), List.of("INBOX")),
                new Deleted("d", "d")),
            "18446744073709551615",
            null,
            "77"),
        await(peer.client.history(USER, "5", null, 500)));
    peer.api = (r, b) -> reply(r, 404, error(404, "notFound", "Requested entity was not found."));
    assertInstanceOf(NotFound.class, failure(peer.client.history(USER, "5", null, 500)));
  }

  @Test
  void aThreadBringsWhatCanBeRead() {
    String id = "\"id\":\"t\"";
    peer.api =
        (r, b) ->
            reply(
                r,
                200,
                "{\"messages\":["
                    + message("a", "1")
                    + ",{},"
                    + message("c", "3")
                    + "],"
                    + id
                    + "}");
    ThreadData thread = await(peer.client.thread(USER, "t", MessageFormat.FULL));
    assertEquals(List.of("a", "c"), thread.messages().stream().map(MessageData::id).toList());
    assertEquals(1, thread.unreadable());
    thread.messages().forEach(peer.client::release);
  }

  @Test
  void aFetchTakesAsManyAsAreGranted() {
    peer.api = this::serve;
    peer.quota.mostAtOnce = 60;
    FetchResult result =
        await(peer.client.fetch(USER, List.of("a", "b", "c", "d"), MessageFormat.FULL));
    assertEquals(List.of("a", "b", "c"), result.parts().stream().map(PartResult::id).toList());
    result.parts().forEach(p -> peer.client.release(p.data()));
    peer.quota.mostAtOnce = 20;
    result = await(peer.client.fetch(USER, List.of("a", "b"), MessageFormat.FULL));
    assertEquals(1, result.parts().size());
    assertEquals(result.parts().get(0).data().heldBytes(), peer.budget.held());
    peer.client.release(result.parts().get(0).data());
    assertEquals(80, peer.client.traffic().total().units());
    assertEquals(4, peer.client.traffic().total().calls());
  }

  @Test
  void anIdFromOutsideCannotLeaveItsPlace() {
    peer.api =
        (r, b) -> {
          assertEquals(1, b.toString().split("GET ", -1).length - 2);
          reply(r, 500, "");
        };
    await(peer.client.fetch(USER, List.of("a/b?x\r\n\r\nGET /evil", "b"), MessageFormat.FULL));
  }

  @Test
  void aRejectedTokenIsRefreshedOnce() {
    peer.api =
        (r, b) -> {
          if (r.getHeader("Authorization").equals("Bearer t1")) {
            reply(r, 401, error(401, "authError", "Invalid Credentials"));
          } else {
            serve(r, b);
          }
        };
    peer.client.release(one("a").data());
    assertEquals(40, peer.quota.taken.get());
    peer.api = (r, b) -> reply(r, 401, error(401, "authError", "Invalid Credentials"));
    int before = peer.calls.get();
    assertInstanceOf(Unauthorized.class, one("a").failure());
    assertEquals(2, peer.calls.get() - before);
  }

  @Test
  void partsOfABatchFailOnTheirOwn() {
    peer.api =
        (r, b) ->
            multipart(
                r,
                part(0, 200, message("a", "1"))
                    + part(1, 401, error(401, "authError", "Invalid Credentials"))
                    + part(
                        2,
                        429,
                        error(
                            429,
                            "rateLimitExceeded",
                            "User-rate limit exceeded.  Retry after 2026-06-12T19:16:46.648Z"))
                    + part(3, 403, error(403, "rateLimitExceeded", "Quota exceeded"))
                    + "--b--");
    FetchResult result =
        await(peer.client.fetch(USER, List.of("a", "b", "c", "d"), MessageFormat.FULL));
    peer.client.release(result.parts().get(0).data());
    assertInstanceOf(Unauthorized.class, result.parts().get(1).failure());
    assertInstanceOf(QuotaExceeded.class, result.parts().get(2).failure());
    assertEquals(List.of("7 2026-06-12T19:16:46.648Z false"), peer.quota.refusals);
    assertEquals(2, peer.client.traffic().user(USER).throttled());
    assertEquals("t2", await(peer.accessTokens.token(USER)));
  }

  @Test
  void aRequestThatFailsAsAWholeSaysSoForEachId() {
    peer.api = (r, b) -> reply(r, 503, "<html>");
    FetchResult result = await(peer.client.fetch(USER, List.of("a", "b"), MessageFormat.FULL));
    assertEquals(2, result.parts().stream().filter(PartResult::requestWide).count());
    peer.api = (r, b) -> reply(r, 200, "<html>");
    result = await(peer.client.fetch(USER, List.of("a", "b"), MessageFormat.FULL));
    assertInstanceOf(Malformed.class, result.parts().get(1).failure());
  }

  @Test
  void brokenAnswersAreFailuresAndNothingElse() {
    peer.api = (r, b) -> r.connection().close();
    assertInstanceOf(Unavailable.class, one("a").failure());
    peer.api = (r, b) -> reply(r, 200, "");
    assertInstanceOf(Malformed.class, one("a").failure());
    peer.api = (r, b) -> reply(r, 200, "<html>Sign in</html>");
    assertInstanceOf(Malformed.class, one("a").failure());
    peer.api = (r, b) -> reply(r, 200, message("b", "x"));
    assertInstanceOf(Malformed.class, one("a").failure());
    peer.api = (r, b) -> gzipped(r.response(), new byte[] {1, 2, 3});
    assertInstanceOf(Malformed.class, one("a").failure());
    byte[] zip = gzip(utf8(message("a", "x")));
    peer.api = (r, b) -> gzipped(r.response(), Arrays.copyOf(zip, zip.length - 9));
    assertInstanceOf(Malformed.class, one("a").failure());
    peer.api = (r, b) -> r.response().putHeader("Content-Encoding", "br").end("x");
    assertInstanceOf(Malformed.class, one("a").failure());
    peer.api = (r, b) -> r.response().setStatusCode(404).end("<html>proxy</html>");
    assertInstanceOf(Malformed.class, one("a").failure());
    peer.api =
        (r, b) ->
            r.response()
                .setStatusCode(302)
                .putHeader("Location", "http://login.example/?s=1")
                .end();
    assertEquals(
        "Google cannot be reached now: redirected (302) to login.example.",
        one("a").failure().sentence());
    peer.api =
        (r, b) -> {
          r.response().putHeader("Content-Length", "1000").write("{\"id\"");
          vertx.setTimer(20, t -> r.connection().close());
        };
    assertInstanceOf(Unavailable.class, one("a").failure());
  }

  @Test
  void nobodyThereIsUnavailable() {
    await(peer.accessTokens.token(USER));
    peer.close();
    assertInstanceOf(Unavailable.class, failure(peer.client.profile(USER)));
    peer = Peer.with(vertx);
  }

  @Test
  void aLongAnswerIsCutOffHoweverItComes() {
    String big = message("a", "x".repeat(2 << 20));
    peer.api = (r, b) -> reply(r, 200, big);
    assertInstanceOf(TooLarge.class, one("a").failure());
    peer.api = (r, b) -> r.response().setChunked(true).end(big);
    assertInstanceOf(TooLarge.class, one("a").failure());
    peer.api = (r, b) -> gzipped(r.response(), gzip(utf8(big)));
    assertInstanceOf(TooLarge.class, one("a").failure());
  }

  @Test
  void aLargeAnswerIsReadOffTheEventLoop() {
    String large = message("a", "x".repeat(900_000));
    peer.api = (r, b) -> gzipped(r.response(), gzip(utf8(large)));
    PartResult result = one("a");
    assertEquals(large.length(), result.data().jsonBytes());
    peer.client.release(result.data());
    peer.api = (r, b) -> reply(r, 200, large);
    peer.client.release(one("a").data());
  }

  @Test
  void aQuotaWaitPassesThroughAndSendsNothing() {
    peer.quota.refuse = new QuotaWait(Peer.NOW, "user-minute");
    assertSame(
        peer.quota.refuse, assertThrows(QuotaWait.class, () -> await(peer.client.profile(USER))));
    assertEquals(0, peer.calls.get());
    peer.quota.refuse = null;
    peer.api = this::serve;
    // Connections and room in flight came back: more such calls than there is of either.
    for (int i = 0; i < 150; i++) {
      peer.quota.refuse = new QuotaWait(Peer.NOW, "user-minute");
      assertThrows(QuotaWait.class, () -> await(peer.client.profile(USER)));
    }
    peer.quota.refuse = null;
    peer.client.release(one("a").data());
  }

  @Test
  void aCallThatStandsStillIsReset() {
    Promise<Void> closed = Promise.promise();
    try (Peer slow = new Peer(vertx, Duration.ofMillis(100), 1 << 20, 1 << 20, 2)) {
      slow.api =
          (r, b) -> {
            if (slow.calls.get() == 1) {
              r.connection().closeHandler(v -> closed.tryComplete());
            } else {
              r.response().putHeader("Content-Length", "100").write("{");
            }
          };
      assertInstanceOf(Unavailable.class, failure(slow.client.profile(USER)));
      await(closed.future());
      GoogleFailure failure = failure(slow.client.profile(USER));
      assertTrue(failure.sentence().contains("nothing came for 100 ms"), failure.sentence());
      assertEquals(0, slow.budget.held());
    }
  }

  @Test
  void aFullBudgetPausesAllAnswersButTheOldest() {
    int size = 400_000;
    long cap = 200_000;
    int callers = 8;
    String body = message("a", "x".repeat(size));
    try (Peer tight = new Peer(vertx, Duration.ofSeconds(5), cap, 1 << 20, 20)) {
      tight.api = (r, b) -> r.response().setChunked(true).end(body);
      List<Future<FetchResult>> all =
          IntStream.range(0, callers)
              .mapToObj(i -> tight.client.fetch(USER, List.of("a"), MessageFormat.FULL))
              .toList();
      all.forEach(f -> f.onSuccess(r -> tight.client.release(r.parts().get(0).data())));
      all.forEach(f -> assertNull(await(f).parts().get(0).failure()));
      await(Future.join(all).mapEmpty());
      assertEquals(0, tight.budget.held());
      // The cap, one chunk for each source, and the oldest, which may go on.
      long bound = cap + callers * 65_536L + size + 65_536;
      assertTrue(tight.budget.peak() <= bound, "peak " + tight.budget.peak());
    }
  }

  private void serve(HttpServerRequest r, Buffer body) {
    List<String> ids = ids(r, body);
    if (!r.path().contains("batch")) {
      reply(r, 200, message(ids.get(0), "x"));
      return;
    }
    StringBuilder parts = new StringBuilder();
    for (int i = 0; i < ids.size(); i++) {
      parts.append(part(i, 200, message(ids.get(i), "x")));
    }
    multipart(r, parts + "--b--");
  }

  private PartResult one(String id) {
    return await(peer.client.fetch(USER, List.of(id), MessageFormat.FULL)).parts().get(0);
  }
}
