package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.services.gmail.Gmail;
import com.google.api.services.gmail.model.ListMessagesResponse;
import com.google.api.services.gmail.model.Message;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** What goes over the wire besides single calls: limits, tokens, batches, compression, size. */
class WireTest {
  private static final SimOptions SMALL =
      SimOptions.defaults().withProfile("unlimited").withMailboxes(1).withMessages(50);

  @Test
  void overTheMinuteGoogleAnswersInTwoForms() throws IOException {
    AtomicLong nanos = new AtomicLong();
    SimClock clock = new SimClock(nanos::get, () -> Instant.EPOCH.plusNanos(nanos.get()), 1000);
    SimOptions options = SMALL.withProfile("2026-05").withTimeScale(1000);
    try (SimTestKit kit = new SimTestKit(options, clock)) {
      Gmail gmail = kit.client(0);
      String id = gmail.users().messages().list("me").execute().getMessages().get(0).getId();
      kit.order("spend", new JsonObject().put("email", kit.email(0)).put("units", 5_990));
      GoogleJsonResponseException first = refused(gmail, id);
      assertEquals(403, first.getStatusCode());
      assertEquals("rateLimitExceeded", first.getDetails().getErrors().get(0).getReason());
      assertTrue(first.getDetails().getMessage().contains("'Queries per minute per user'"));
      assertEquals(429, refused(gmail, id).getStatusCode());
      for (int i = 2; i < Quota.VIOLATIONS; i++) {
        refused(gmail, id);
      }
      assertTrue(refused(gmail, id).getDetails().getMessage().contains(".  Retry after 19"));
      nanos.addAndGet(901_000_000);
      assertEquals(id, gmail.users().messages().get("me", id).execute().getId());
      assertEquals(Quota.VIOLATIONS + 1, kit.simulator.report().throttled());
    }
  }

  private static GoogleJsonResponseException refused(Gmail gmail, String id) {
    return assertThrows(
        GoogleJsonResponseException.class, () -> gmail.users().messages().get("me", id).execute());
  }

  @Test
  void grantsOutliveTheProcessAndTokensExpire() {
    AtomicLong nanos = new AtomicLong();
    SimClock clock = new SimClock(nanos::get, Instant::now, 1);
    String refresh;
    try (SimTestKit kit = new SimTestKit(SMALL, clock)) {
      refresh = kit.simulator.accounts().get(0).refreshToken();
      JsonObject answer = new JsonObject(kit.token(refresh).body());
      assertEquals(3600, answer.getInteger("expires_in"));
      String token = answer.getString("access_token");
      assertEquals(200, kit.get("gmail/v1/users/me/profile", token).statusCode());
      nanos.addAndGet(3_600_000_000_000L);
      assertEquals(401, kit.get("gmail/v1/users/me/profile", token).statusCode());
      HttpResponse<String> unknown = kit.token("none");
      assertEquals(400, unknown.statusCode());
      assertEquals("invalid_grant", new JsonObject(unknown.body()).getString("error"));
    }
    try (SimTestKit kit = new SimTestKit(SMALL)) {
      assertEquals(200, kit.token(refresh).statusCode());
      kit.order("revoke-grant", new JsonObject().put("email", kit.email(0)));
      assertEquals(400, kit.token(refresh).statusCode());
    }
  }

  @Test
  void aBatchOfMoreThanAHundredIsRefused() {
    try (SimTestKit kit = new SimTestKit(SMALL)) {
      StringBuilder body = new StringBuilder();
      for (int i = 0; i < 101; i++) {
        body.append("--b\r\nContent-Type: application/http\r\nContent-ID: <i").append(i);
        body.append(">\r\n\r\nGET /gmail/v1/users/me/profile HTTP/1.1\r\nAuthorization: Bearer ");
        body.append(kit.accessToken(0)).append("\r\n\r\n\r\n");
        if (i == 1) {
          HttpResponse<String> two = batch(kit, body + "--b--\r\n");
          assertEquals(200, two.statusCode());
          assertTrue(two.body().contains("Content-ID: <response-i1>"));
          assertTrue(two.body().startsWith("--batch_"));
        }
      }
      HttpResponse<String> many = batch(kit, body + "--b--\r\n");
      assertEquals(400, many.statusCode());
      assertTrue(many.body().contains("Received: 101, Limit: 100"));
    }
  }

  private static HttpResponse<String> batch(SimTestKit kit, String body) {
    return kit.post("batch/gmail/v1", body, "multipart/mixed; boundary=\"b\"");
  }

  @Test
  void compressesOnlyForAgentsThatSayGzip() throws Exception {
    try (SimTestKit kit = new SimTestKit(SMALL)) {
      String token = kit.accessToken(0);
      assertEquals("", encoding(kit, token, "plain").headers().firstValue("x").orElse(""));
      HttpResponse<byte[]> plain = encoding(kit, token, "client");
      HttpResponse<byte[]> small = encoding(kit, token, "client (gzip)");
      assertTrue(plain.headers().firstValue("Content-Encoding").isEmpty());
      assertEquals("gzip", small.headers().firstValue("Content-Encoding").orElse(""));
      byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(small.body())).readAllBytes();
      assertEquals(
          new String(plain.body(), StandardCharsets.UTF_8),
          new String(unpacked, StandardCharsets.UTF_8));
    }
  }

  private static HttpResponse<byte[]> encoding(SimTestKit kit, String token, String agent)
      throws Exception {
    return SimTestKit.HTTP.send(
        HttpRequest.newBuilder(
                URI.create(kit.simulator.rootUrl() + "gmail/v1/users/me/messages?maxResults=20"))
            .header("Authorization", "Bearer " + token)
            .header("Accept-Encoding", "gzip")
            .header("User-Agent", agent)
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void aMillionMessagesAreListedWithoutBeingHeld() throws IOException {
    try (SimTestKit kit = new SimTestKit(SMALL.withMessages(1_000_000))) {
      Gmail gmail = kit.client(0);
      assertEquals(1_031_250, gmail.users().getProfile("me").execute().getMessagesTotal());
      String token = null;
      String last = "";
      for (int page = 0; page < 40; page++) {
        ListMessagesResponse answer =
            gmail.users().messages().list("me").setMaxResults(500L).setPageToken(token).execute();
        assertEquals(500, answer.getMessages().size());
        token = answer.getNextPageToken();
        last = answer.getMessages().get(499).getId();
      }
      assertEquals(last, gmail.users().messages().get("me", last).execute().getId());
      ListMessagesResponse old =
          gmail.users().messages().list("me").setQ("before:2016/01/01").execute();
      assertNotEquals(null, old.getNextPageToken());
    }
  }

  @Test
  void anErrorCanBeSwitchedOnForAUser() {
    try (SimTestKit kit = new SimTestKit(SMALL)) {
      String token = kit.accessToken(0);
      for (String name : GoogleError.BY_NAME.keySet()) {
        kit.order("refuse", new JsonObject().put("email", kit.email(0)).put("error", name));
        HttpResponse<String> answer = kit.get("gmail/v1/users/me/profile", token);
        JsonObject error = new JsonObject(answer.body()).getJsonObject("error");
        assertEquals(answer.statusCode(), error.getInteger("code"));
      }
      kit.order("refuse", new JsonObject().put("email", kit.email(0)));
      assertEquals(200, kit.get("gmail/v1/users/me/profile", token).statusCode());
      assertEquals(404, kit.get("gmail/v1/users/me/nothing", token).statusCode());
      assertEquals(404, kit.get("elsewhere", token).statusCode());
    }
  }

  @Test
  void aPortInUseAndAMissingFileAreToldInASentence() {
    try (SimTestKit kit = new SimTestKit(SMALL)) {
      SimOptions same = SMALL.withPort(kit.simulator.port());
      try (SimTestKit other = new SimTestKit(SMALL)) {
        io.vertx.core.Vertx vertx = io.vertx.core.Vertx.vertx();
        SimException inUse =
            assertThrows(SimException.class, () -> SimTestKit.await(Simulator.start(vertx, same)));
        assertTrue(inUse.getMessage().contains(Integer.toString(kit.simulator.port())));
        SimOptions missing = SMALL.withMboxes(List.of(Path.of("no.mbox")));
        assertThrows(SimException.class, () -> SimTestKit.await(Simulator.start(vertx, missing)));
        SimTestKit.await(vertx.close());
        assertNotEquals(kit.simulator.port(), other.simulator.port());
      }
    }
  }

  @Test
  void realMailIsServedToGooglesClient() throws IOException {
    Path file =
        Path.of(System.getenv().getOrDefault("MILLRACE_SHARED", "../shared"))
            .resolve("data/mail/mail.mbox.gz");
    assumeTrue(Files.exists(file), "no shared mail here");
    try (SimTestKit kit = new SimTestKit(SMALL.withMboxes(List.of(file)))) {
      Gmail gmail = kit.client(0);
      int listed = 0;
      String token = null;
      do {
        ListMessagesResponse page =
            gmail.users().messages().list("me").setMaxResults(500L).setPageToken(token).execute();
        listed += page.getMessages().size();
        Message sample = page.getMessages().get(0);
        assertTrue(
            gmail.users().threads().get("me", sample.getThreadId()).execute().getMessages().stream()
                .anyMatch(message -> message.getId().equals(sample.getId())));
        token = page.getNextPageToken();
      } while (token != null);
      assertEquals(1_400, listed);
      assertEquals(1_900, gmail.users().getProfile("me").execute().getMessagesTotal());
    }
  }
}
