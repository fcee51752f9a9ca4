package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.limit.QuotaLimits;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that a person waits for. */
@Timeout(60)
class OnDemandTest {
  private final Vertx vertx = Vertx.vertx();
  private final Peer peer = Peer.with(vertx);
  private final OnDemand onDemand = new OnDemand(peer.client);

  @AfterEach
  void close() {
    peer.close();
    Peer.await(vertx.close());
    assertEquals(0, peer.budget.held(), "bytes that nobody gave back");
  }

  @Test
  void aMessageIsAskedForUrgentlyAndSyncIsNot() {
    peer.api = (r, b) -> Peer.reply(r, 200, Peer.message("m1", "x"));
    onDemand.release(Peer.await(onDemand.message(Peer.USER, "m1", MessageFormat.FULL)));
    assertEquals(1, peer.quota.urgent.get());
    FetchResult background =
        Peer.await(peer.client.fetch(Peer.USER, List.of("m1"), MessageFormat.FULL));
    peer.client.release(background.parts().get(0).data());
    assertEquals(1, peer.quota.urgent.get());
  }

  @Test
  void anAttachmentComesAsItsBytes() {
    byte[] bytes = new byte[70_001];
    new Random(5).nextBytes(bytes);
    peer.api =
        (r, b) -> {
          assertEquals("/gmail/v1/users/me/messages/m1/attachments/a%2Fb", r.path());
          String data = Base64.getUrlEncoder().encodeToString(bytes);
          Peer.reply(r, 200, "{\"size\":70001,\"attachmentId\":null,\"data\":\"" + data + "\"}");
        };
    AttachmentData got = Peer.await(onDemand.attachment(Peer.USER, "m1", "a/b"));
    assertArrayEquals(bytes, got.bytes());
    assertTrue(peer.budget.held() >= bytes.length);
    onDemand.release(got);
    assertEquals(QuotaProfile.UNLIMITED.prices().attachment(), peer.quota.taken.get());
  }

  @Test
  void whatIsNoAttachmentIsSaidToBeNone() {
    for (String answer : List.of("{}", "[]", "<html>", "{\"data\":\"äöü\"}", "{\"data\":5}")) {
      peer.api = (r, b) -> Peer.reply(r, 200, answer);
      assertInstanceOf(
          Malformed.class, Peer.failure(onDemand.attachment(Peer.USER, "m1", "a")), answer);
    }
    peer.api =
        (r, b) -> Peer.reply(r, 400, Peer.error(400, "badRequest", "Invalid attachment token"));
    assertInstanceOf(BadRequest.class, Peer.failure(onDemand.attachment(Peer.USER, "m1", "a")));
  }

  @Test
  void onlyTheHeadersThatAreWantedAreAskedFor() {
    Paths some = new Paths(URI.create("http://h/"), List.of("From", "Message-ID"));
    String wanted = "?format=metadata&metadataHeaders=From&metadataHeaders=Message-ID&fields=";
    assertTrue(some.get("m", MessageFormat.METADATA).contains(wanted));
    assertTrue(some.thread("t", MessageFormat.METADATA).contains(wanted));
    assertFalse(some.get("m", MessageFormat.FULL).contains("metadataHeaders"));
    assertFalse(
        new Paths(URI.create("http://h/"), List.of())
            .get("m", MessageFormat.METADATA)
            .contains("metadataHeaders"));
  }

  @Test
  void oneUrgentCallGoesPastThoseThatWaitForUnitsAndTheNextIsFirstInLine() {
    InFlight inFlight = new InFlight(new QuotaLimits(6_000, 0, 0, 25));
    InFlight.Lease waiting = Peer.await(inFlight.lease(1, 50));
    Future<InFlight.Lease> behind = inFlight.lease(1, 1);
    InFlight.Lease first = Peer.await(inFlight.leaseUrgently(1));
    assertFalse(behind.isComplete());
    List<String> order = new ArrayList<>();
    Future<InFlight.Lease> second = inFlight.leaseUrgently(1).onSuccess(l -> order.add("urgent"));
    behind.onSuccess(l -> order.add("behind"));
    assertFalse(second.isComplete());
    first.close();
    assertFalse(second.isComplete(), "what was taken beyond the limit is no free room");
    waiting.close();
    assertEquals(List.of("urgent", "behind"), order);
    second.result().close();
    behind.result().close();
    assertEquals(0, inFlight.users());
  }

  @Test
  void whereAllThatMayBeAreAtGoogleAnUrgentCallWaitsToo() {
    InFlight inFlight = new InFlight(new QuotaLimits(6_000, 0, 0, 25));
    InFlight.Lease flying = Peer.await(inFlight.lease(1, 50));
    flying.written();
    Future<InFlight.Lease> urgent = inFlight.leaseUrgently(1);
    assertFalse(urgent.isComplete());
    flying.close();
    Peer.await(urgent).close();
    assertEquals(0, inFlight.users());
  }
}
