package io.millrace;

import static io.millrace.OwnersTestKit.ALICE;
import static io.millrace.OwnersTestKit.OPERATOR;
import static io.millrace.OwnersTestKit.await;
import static io.millrace.OwnersTestKit.browser;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.millrace.google.TokenForge;
import io.millrace.sim.Simulator;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * People log in, connect, sync, read and fail; whatever is logged of it, even all, tells nothing.
 */
@Timeout(180)
class SecretsInLogsTest {
  private static final String CLIENT_SECRET = "canary-oidc-client-secret";
  private static final String LOGIN_CODE = "canary-login-code";

  private final Vertx vertx = Vertx.vertx();
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Map<String, String> secrets = new TreeMap<>();
  private HttpServer provider;
  private TokenForge keys;
  private volatile String nonce;

  /** Keeps all that is logged, as it is. */
  private final class Everything extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      lines.add(
          event.getLoggerName()
              + " "
              + event.getFormattedMessage()
              + " "
              + event.getKeyValuePairs()
              + " "
              + event.getMDCPropertyMap()
              + " "
              + (event.getThrowableProxy() instanceof ThrowableProxy thrown
                  ? ThrowableProxyUtil.asString(thrown)
                  : ""));
    }
  }

  @BeforeEach
  void listen() throws Exception {
    // As a user would have it who wants to see all.
    Logging.configure(
        new LogSettings(LogSettings.Format.JSON, Level.TRACE),
        new CapturedTerminal(false).terminal);
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Everything everything = new Everything();
    everything.setContext(context);
    everything.start();
    root.addAppender(everything);
    keys = new TokenForge("key-1");
    provider =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        request
                            .body()
                            .onSuccess(
                                form -> request.response().end(told(request.path()).encode())))
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void asBefore() throws Exception {
    LoggingTest.asBefore();
    await(provider.close());
    await(vertx.close());
  }

  private String issuer() {
    return "http://127.0.0.1:" + provider.actualPort();
  }

  private JsonObject told(String path) {
    return switch (path) {
      case "/keys" -> TokenForge.keys(keys);
      case "/token" -> new JsonObject().put("id_token", identity());
      default ->
          new JsonObject()
              .put("issuer", issuer())
              .put("authorization_endpoint", issuer() + "/page")
              .put("token_endpoint", issuer() + "/token")
              .put("jwks_uri", issuer() + "/keys");
    };
  }

  private String identity() {
    try {
      String token =
          keys.token(
              new JsonObject()
                  .put("iss", issuer())
                  .put("aud", "client")
                  .put("email", "boss@example.org")
                  .put("email_verified", true)
                  .put("nonce", nonce)
                  .put("exp", Instant.now().getEpochSecond() + 60));
      secrets.put("identity token", token);
      return token;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void nothingSecretIsLogged() throws Exception {
    secrets.put("operator's token", OPERATOR);
    secrets.put("owner's token", ALICE);
    secrets.put("encryption key", OwnersTestKit.KEY);
    secrets.put("OAuth client's secret", Simulator.CLIENT_SECRET);
    secrets.put("provider's client secret", CLIENT_SECRET);
    secrets.put("code of the login", LOGIN_CODE);
    secrets.put("access token", "ya29.");
    secrets.put("wrong token", "canary-wrong-token");
    Map<String, Object> oidc =
        Map.of(
            "console.oidc.issuer", issuer(),
            "console.oidc.clientId", "client",
            "console.oidc.operators", List.of("boss@example.org"));
    try (OwnersTestKit kit =
        new OwnersTestKit(60, oidc, Map.of("MILLRACE_CONSOLE_OIDC_CLIENT_SECRET", CLIENT_SECRET))) {
      kit.simulator.accounts().forEach(a -> secrets.put("grant of " + a.email(), a.refreshToken()));
      login(kit);
      long user = connect(kit);
      read(kit, user);
      fail(kit, user);
    }
    assertTrue(
        lines.stream().anyMatch(line -> line.contains("has to be connected again")),
        () -> "it was listened to: " + lines);
    List<String> leaks = new ArrayList<>();
    secrets.forEach(
        (name, secret) ->
            lines.stream()
                .filter(line -> line.contains(secret))
                .limit(2)
                .forEach(line -> leaks.add(name + ": " + line)));
    assertEquals(List.of(), leaks);
  }

  private void login(OwnersTestKit kit) throws Exception {
    CookieManager cookies = new CookieManager();
    HttpClient by = HttpClient.newBuilder().cookieHandler(cookies).build();
    String page = OwnersTestKit.next(by, "http://127.0.0.1:" + kit.port + "/auth/login");
    nonce = parameter(page, "nonce");
    String back = "/auth/callback?code=" + LOGIN_CODE + "&state=" + parameter(page, "state");
    assertEquals(303, kit.send(by, "GET", back, null, null).statusCode());
    HttpResponse<String> me = kit.send(by, "GET", "/api/v1/me", null, null);
    assertTrue(me.body().contains("boss@example.org"), me.body());
    secrets.put("proof of the page", new JsonObject(me.body()).getString("csrf"));
    keep(cookies);
    assertEquals(
        401, kit.send(browser(), "GET", "/api/v1/me", "canary-wrong-token", null).statusCode());
    String forged = "/auth/callback?code=canary-login-code&state=x";
    assertEquals(400, kit.send(by, "GET", forged, null, null).statusCode());
  }

  private void keep(CookieManager cookies) {
    for (HttpCookie cookie : cookies.getCookieStore().getCookies()) {
      if (!cookie.getValue().isEmpty()) {
        secrets.put("cookie " + cookie.getName(), cookie.getValue());
      }
    }
  }

  private static String parameter(String url, String name) {
    Matcher matcher = Pattern.compile("[?&]" + name + "=([^&]+)").matcher(url);
    assertTrue(matcher.find(), url);
    return URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8);
  }

  private long connect(OwnersTestKit kit) throws Exception {
    CookieManager cookies = new CookieManager();
    HttpClient by = HttpClient.newBuilder().cookieHandler(cookies).build();
    JsonObject forged = kit.consent(by, ALICE, null).put("code", "4/canary-code");
    secrets.put("forged code", "4/canary-code");
    assertEquals(409, kit.finish(by, ALICE, forged).statusCode());
    JsonObject brought = kit.consent(by, ALICE, null);
    secrets.put("code of the consent", brought.getString("code"));
    secrets.put("state of the consent", brought.getString("state"));
    keep(cookies);
    HttpResponse<String> done = kit.finish(by, ALICE, brought);
    assertEquals(200, done.statusCode(), done.body());
    long user = new JsonObject(done.body()).getLong("user");
    kit.until("/api/v1/mailboxes/" + user, ALICE, at -> "complete".equals(at.getString("phase")));
    return user;
  }

  private void read(OwnersTestKit kit, long user) throws Exception {
    String path = "/api/v1/mailboxes/" + user + "/messages";
    JsonObject page = kit.until(path, ALICE, at -> !at.getJsonArray("items").isEmpty());
    String id = page.getJsonArray("items").getJsonObject(0).getString("id");
    JsonObject message = kit.until(path + "/" + id + "?whole=true", ALICE, at -> true);
    String text = message.getString("text");
    assertFalse(text.isBlank(), message.encode());
    secrets.put("text of a message", text.strip().lines().findFirst().orElseThrow());
    for (Row row : await(kit.database.pool().query("select snippet, id from message").execute())) {
      if (row.getString("snippet").length() >= 20) {
        secrets.put("snippet of " + row.getString("id"), row.getString("snippet"));
      }
    }
  }

  /** A grant that ends makes syncs fail, which is logged. */
  private void fail(OwnersTestKit kit, long user) throws Exception {
    kit.order("sim/revoke-grant", new JsonObject().put("email", kit.alice));
    kit.order("sim/revoke", new JsonObject().put("email", kit.alice));
    String mailbox = "/api/v1/mailboxes/" + user;
    kit.send(browser(), "POST", mailbox + "/sync", ALICE, new JsonObject());
    kit.until(mailbox, ALICE, at -> at.getString("trouble") != null);
  }
}
