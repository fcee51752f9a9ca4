package io.millrace.console;

import static io.millrace.console.ApiTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.TokenForge;
import io.millrace.store.Mailboxes;
import io.millrace.store.Vault;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** People log in at a provider, and stay logged in by a cookie. */
@Timeout(60)
class LoginTest {
  private static ApiTestKit kit;

  private final HttpClient http = HttpClient.newHttpClient();
  private HttpServer provider;
  private ConsoleVerticle console;
  private String deployment;
  private String issuer;

  /** What the provider says of who logged in; the nonce is added. */
  private volatile JsonObject claims;

  private volatile String verifier = "";

  /** How the identity token is made. */
  private interface Forger {
    String sign(JsonObject claims) throws GeneralSecurityException;
  }

  private TokenForge keys;
  private volatile Forger forger;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void start() throws Exception {
    keys = new TokenForge("key-1");
    forger = keys::token;
    provider =
        await(
            kit.vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      if (request.path().endsWith("openid-configuration")) {
                        request
                            .response()
                            .end(
                                new JsonObject()
                                    .put("issuer", issuer)
                                    .put("authorization_endpoint", issuer + "/page")
                                    .put("token_endpoint", issuer + "/token")
                                    .put("jwks_uri", issuer + "/keys")
                                    .encode());
                      } else if (request.path().equals("/keys")) {
                        request.response().end(TokenForge.keys(keys).encode());
                      } else {
                        request
                            .body()
                            .onSuccess(
                                form -> {
                                  verifier = form.toString();
                                  request
                                      .response()
                                      .end(new JsonObject().put("id_token", token()).encode());
                                });
                      }
                    })
                .listen(0, "127.0.0.1"));
    issuer = "http://127.0.0.1:" + provider.actualPort();
    AccessSettings access =
        new AccessSettings(
            List.of(),
            Optional.of(
                new AccessSettings.Provider(
                    URI.create(issuer),
                    "client",
                    "secret",
                    List.of("boss@example.org"),
                    List.of("eye@example.org"),
                    true)),
            Optional.empty(),
            List.of(),
            Duration.ofHours(1),
            1_000,
            10_000);
    console =
        new ConsoleVerticle(
                new ConsoleSettings("127.0.0.1", 0, access, Optional.empty()),
                new Mailboxes(kit.database.pool(), new Vault(kit.database.keptEncryptionKey())),
                kit.jobs,
                "1",
                "legacy",
                1)
            .withApi(kit.parts());
    deployment = await(kit.vertx.deployVerticle(console));
  }

  @AfterEach
  void stop() throws Exception {
    await(kit.vertx.undeploy(deployment));
    await(provider.close());
  }

  private String token() {
    try {
      return forger.sign(claims);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonObject claims(String email, String nonce) {
    return new JsonObject()
        .put("iss", issuer)
        .put("aud", "client")
        .put("email", email)
        .put("email_verified", true)
        .put("nonce", nonce)
        .put("exp", Instant.now().getEpochSecond() + 60);
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + console.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String cookie(HttpResponse<String> answer, String name) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(c -> c.startsWith(name + "=") && !c.startsWith(name + "=;"))
        .findFirst()
        .orElseThrow();
  }

  private static String parameter(String url, String name) {
    Matcher matcher = Pattern.compile("[?&]" + name + "=([^&]+)").matcher(url);
    assertTrue(matcher.find(), url);
    return matcher.group(1);
  }

  /** What the browser holds after a login of somebody. */
  private String login(String email) throws Exception {
    HttpResponse<String> begun = send("GET", "/auth/login");
    assertEquals(303, begun.statusCode(), begun.body());
    String page = begun.headers().firstValue("Location").orElseThrow();
    assertTrue(page.startsWith(issuer + "/page?"), page);
    claims = claims(email, parameter(page, "nonce"));
    HttpResponse<String> back = callback(begun, parameter(page, "state"));
    assertEquals(303, back.statusCode(), back.body());
    assertTrue(
        Digest.base64url(parameter("?" + verifier, "code_verifier"))
            .equals(parameter(page, "code_challenge")));
    String session = cookie(back, "millrace");
    assertTrue(
        session.matches("(?i).*; HttpOnly.*") && session.contains("SameSite=Strict"), session);
    return session.replaceFirst(";.*", "");
  }

  private HttpResponse<String> callback(HttpResponse<String> begun, String state) throws Exception {
    String kept = cookie(begun, "millrace-login").replaceFirst(";.*", "");
    return send("GET", "/auth/callback?code=c&state=" + state, "Cookie", kept);
  }

  @Test
  void rolesFollowFromTheAddress() throws Exception {
    for (String[] who :
        List.of(
            new String[] {"boss@example.org", "operator"},
            new String[] {"Eye@example.org", "viewer"},
            new String[] {"alice@example.org", "user"})) {
      HttpResponse<String> me = send("GET", "/api/v1/me", "Cookie", login(who[0]));
      assertEquals(who[1], new JsonObject(me.body()).getString("role"), me.body());
    }
  }

  @Test
  void changesNeedWhatOnlyOurPageKnows() throws Exception {
    String session = login("boss@example.org");
    String path = "/api/v1/kinds/" + ApiTestKit.KIND + "/resume";
    assertEquals(403, send("POST", path, "Cookie", session).statusCode());
    assertEquals(403, send("POST", path, "Cookie", session, "X-CSRF-Token", "x").statusCode());
    String csrf =
        new JsonObject(send("GET", "/api/v1/me", "Cookie", session).body()).getString("csrf");
    assertEquals(200, send("POST", path, "Cookie", session, "X-CSRF-Token", csrf).statusCode());
    assertEquals(
        200, send("POST", "/api/v1/logout", "Cookie", session, "X-CSRF-Token", csrf).statusCode());
    assertEquals(401, send("GET", "/api/v1/me", "Cookie", session).statusCode());
  }

  @Test
  void aLoginThatWasNotBegunHereIsRefused() throws Exception {
    HttpResponse<String> begun = send("GET", "/auth/login");
    assertEquals(400, callback(begun, "forged").statusCode());
    assertEquals(400, send("GET", "/auth/callback?code=c&state=x").statusCode());
  }

  @Test
  void anIdentityThatIsNotForThisLoginIsRefused() throws Exception {
    HttpResponse<String> begun = send("GET", "/auth/login");
    String page = begun.headers().firstValue("Location").orElseThrow();
    JsonObject right = claims("boss@example.org", parameter(page, "nonce"));
    for (JsonObject wrong :
        List.of(
            right.copy().put("nonce", "another"),
            right.copy().put("aud", "another"),
            right.copy().put("iss", "https://evil.example"),
            right.copy().put("exp", 1),
            right.copy().put("email_verified", false))) {
      claims = wrong;
      HttpResponse<String> answer = callback(begun, parameter(page, "state"));
      assertEquals(403, answer.statusCode(), wrong.encode());
      assertFalse(answer.headers().allValues("Set-Cookie").toString().contains("millrace=ey"));
    }
  }

  @Test
  void anIdentityThatTheProviderDidNotSignIsRefused() throws Exception {
    HttpResponse<String> begun = send("GET", "/auth/login");
    String page = begun.headers().firstValue("Location").orElseThrow();
    claims = claims("boss@example.org", parameter(page, "nonce"));
    TokenForge stranger = new TokenForge("key-1");
    List<Forger> forgers =
        List.of(
            stranger::token,
            new TokenForge("key-2")::token,
            told -> keys.unsigned(told, "none"),
            told -> keys.unsigned(told, "RS256"),
            told -> keys.confused(told, keys.published()),
            told ->
                keys.token(told)
                    .replaceFirst("\\.[^.]+\\.", "." + body(stranger.token(admin(told))) + "."),
            told -> "",
            told -> "a.b.c");
    for (Forger one : forgers) {
      forger = one;
      HttpResponse<String> answer = callback(begun, parameter(page, "state"));
      assertEquals(403, answer.statusCode(), answer.body());
      assertFalse(
          answer.headers().allValues("Set-Cookie").stream()
              .anyMatch(c -> c.matches("millrace=[^;].*")));
    }
    forger = keys::token;
    claims.put("aud", new JsonArray().add("client").add("another")).put("azp", "another");
    assertEquals(403, callback(begun, parameter(page, "state")).statusCode(), "given to another");
    claims.put("aud", "client").remove("azp");
    assertEquals(303, callback(begun, parameter(page, "state")).statusCode());
  }

  private static JsonObject admin(JsonObject told) {
    return told.copy().put("email", "boss@example.org").put("more", true);
  }

  private static String body(String token) {
    return token.split("\\.", -1)[1];
  }
}
