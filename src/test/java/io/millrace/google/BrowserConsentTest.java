package io.millrace.google;

import static io.millrace.google.Peer.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Consent in a browser, from the page's address to the refresh token. */
@ExtendWith(VertxExtension.class)
class BrowserConsentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Simulator simulator;
  private HttpClient http;
  private BrowserConsent consent;
  private String email;

  @BeforeEach
  void start(Vertx vertx) {
    simulator =
        await(Simulator.start(vertx, SimOptions.defaults().withMailboxes(2).withMessages(1)));
    email = simulator.accounts().get(0).email();
    GoogleSettings settings =
        new GoogleSettings(
            URI.create(simulator.rootUrl()),
            URI.create(simulator.tokenUrl()),
            Simulator.CLIENT_ID,
            Simulator.CLIENT_SECRET,
            Duration.ofSeconds(5),
            4);
    http = GoogleHttp.client(vertx, settings, settings.tokenUrl());
    AccountSettings accounts =
        new AccountSettings(URI.create(simulator.authUrl()), Optional.empty());
    consent = new BrowserConsent(vertx, http, settings, accounts, InstantSource.system());
  }

  @AfterEach
  void stop() {
    await(http.close());
    await(simulator.close());
  }

  @Test
  void consentGivesTheMailboxAndARefreshTokenThatWorks() throws Exception {
    Promise<URI> shown = Promise.promise();
    Future<Consented> asked = consent.ask(Optional.empty(), PATIENCE, shown::complete);
    URI page = await(shown.future());
    assertTrue(page.getQuery().contains("code_challenge_method=S256"), page.toString());
    assertTrue(page.getQuery().contains("access_type=offline"));
    HttpResponse<String> end = browse(page);
    assertEquals(200, end.statusCode());
    assertTrue(end.body().contains("may now read the mail of " + email), end.body());
    assertEquals("no-store", end.headers().firstValue("Cache-Control").orElse(""));
    Consented given = await(asked);
    assertEquals(email, given.email());
    assertFalse(given.toString().contains(given.refreshToken()));
    assertEquals(200, refresh(given.refreshToken()).statusCode());
    assertThrows(ConnectException.class, () -> browse(end.uri()), "the port is closed");
  }

  @Test
  void whoDeclinesIsToldThatNothingIsStored() throws Exception {
    order("consent", new JsonObject().put("answer", "deny"));
    assertEquals(
        "Access was declined on Google's page; nothing is stored.", refused(Optional.of(email)));
  }

  @Test
  void tooLittleLeaveIsNotEnough() throws Exception {
    order("consent", new JsonObject().put("answer", "openid email"));
    assertTrue(refused(Optional.of(email)).startsWith("Reading mail was not allowed: "));
    order(
        "consent",
        new JsonObject()
            .put(
                "answer",
                "openid email https://www.googleapis.com/auth/gmail.readonly"
                    + " https://www.googleapis.com/auth/gmail.metadata"));
    assertTrue(refused(Optional.of(email)).startsWith("Reading mail was not allowed: "));
  }

  @Test
  void anotherMailboxThanTheOneWantedIsNotTaken() throws Exception {
    assertEquals(
        "Consent is that of %s, not of %s: choose the other account on Google's page. Nothing is stored."
            .formatted(email, "nobody@example.com"),
        refused(Optional.of("nobody@example.com")));
  }

  @Test
  void whoDoesNotKnowTheStateNeitherAnswersNorEndsTheAttempt() throws Exception {
    Promise<URI> shown = Promise.promise();
    Future<Consented> asked = consent.ask(Optional.empty(), PATIENCE, shown::complete);
    URI page = await(shown.future());
    String port =
        page.getQuery().replaceFirst("(?s).*redirect_uri=http://127.0.0.1:(\\d+).*", "$1");
    URI here = URI.create("http://127.0.0.1:" + port + "/");
    assertEquals(400, browse(here.resolve("?code=4/0Astolen&state=guess")).statusCode());
    assertEquals(400, browse(here.resolve("?error=access_denied")).statusCode());
    assertEquals(404, browse(here.resolve("favicon.ico")).statusCode());
    assertFalse(asked.isComplete());
    assertEquals(200, browse(page).statusCode());
    assertEquals(email, await(asked).email());
  }

  @Test
  void aCodeThatGoogleDoesNotTakeEndsTheAttempt() throws Exception {
    Promise<URI> shown = Promise.promise();
    Future<Consented> asked = consent.ask(Optional.empty(), PATIENCE, shown::complete);
    String query = await(shown.future()).getQuery();
    String port = query.replaceFirst("(?s).*redirect_uri=http://127.0.0.1:(\\d+).*", "$1");
    String state = query.replaceFirst("(?s).*[?&]state=([^&]*).*", "$1");
    URI here = URI.create("http://127.0.0.1:" + port + "/?code=4/0Aforged&state=" + state);
    HttpResponse<String> end = browse(here);
    assertEquals(400, end.statusCode());
    assertTrue(end.body().contains("the code was used or is too old"), end.body());
    assertThrows(GoogleException.class, () -> await(asked));
  }

  @Test
  void nobodyIsWaitedForLongerThanAsked() {
    ConsentException e =
        assertThrows(
            ConsentException.class,
            () -> await(consent.ask(Optional.empty(), Duration.ofMillis(50), page -> {})));
    assertTrue(e.getMessage().startsWith("Nobody consented within "), e.getMessage());
  }

  private String refused(Optional<String> wanted) throws Exception {
    Promise<URI> shown = Promise.promise();
    Future<Consented> asked = consent.ask(wanted, PATIENCE, shown::complete);
    HttpResponse<String> end = browse(await(shown.future()));
    assertEquals(400, end.statusCode());
    String sentence = assertThrows(ConsentException.class, () -> await(asked)).getMessage();
    assertTrue(end.body().contains(sentence), end.body());
    return sentence;
  }

  private HttpResponse<String> refresh(String token) throws Exception {
    String form =
        "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s"
            .formatted(
                Simulator.CLIENT_ID,
                Simulator.CLIENT_SECRET,
                java.net.URLEncoder.encode(token, java.nio.charset.StandardCharsets.UTF_8));
    return post(simulator.tokenUrl(), form);
  }

  private void order(String what, JsonObject order) throws Exception {
    assertEquals(
        200,
        post(simulator.rootUrl() + "sim/" + what, order.put("email", email).encode()).statusCode());
  }

  private static HttpResponse<String> post(String url, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(url))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  /** As a browser does: goes where it is sent. */
  private static HttpResponse<String> browse(URI page) throws Exception {
    return send(HttpRequest.newBuilder(page).build());
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return java.net.http.HttpClient.newBuilder()
        .followRedirects(Redirect.ALWAYS)
        .build()
        .send(request, HttpResponse.BodyHandlers.ofString());
  }
}
