package io.millrace;

import io.millrace.google.GoogleSettings;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A whole Millrace with a simulator, and owners of mailboxes who come by its console. */
final class OwnersTestKit implements AutoCloseable {
  static final String OPERATOR = "canary-operator-token";
  static final String ALICE = "canary-alice-token";
  static final String BOB = "canary-bob-token";
  static final int SCALE = 20;
  static final String KEY = "Y2FuYXJ5LWtleS1jYW5hcnkta2V5LWNhbmFyeS1rZXk=";

  final Vertx vertx = Vertx.vertx();
  final Simulator simulator;
  final Database database;
  final Millrace millrace;
  final String alice;
  final String bob;
  final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  private final Map<String, Object> more;
  private final Map<String, String> environment;

  OwnersTestKit(int messages) throws Exception {
    this(messages, Map.of(), Map.of());
  }

  /**
   * @param more keys of the configuration
   * @param variables of the environment
   */
  OwnersTestKit(int messages, Map<String, Object> more, Map<String, String> variables)
      throws Exception {
    this.more = more;
    this.environment = new HashMap<>(variables);
    environment.put("APP_ENCRYPTION_KEY", KEY);
    simulator =
        await(
            Simulator.start(
                vertx,
                SimOptions.defaults()
                    .withMailboxes(2)
                    .withMessages(messages)
                    .withTimeScale(SCALE)
                    .withProfile("legacy")));
    alice = simulator.accounts().get(0).email();
    bob = simulator.accounts().get(1).email();
    database = await(Database.open(vertx, new DatabaseSettings(null, null, null, 10)));
    Configuration configuration = configuration();
    millrace = await(Millrace.start(vertx, configuration, database));
    port = await(millrace.serve(configuration));
  }

  /** For this one, or another on the same database. */
  Configuration configuration() throws Exception {
    ConfigurationLoader loader = new ConfigurationLoader(environment);
    more.forEach(loader::preset);
    return loader
        .preset("timeScale", SCALE)
        .preset("quota.profile", "legacy")
        .preset("google.rootUrl", simulator.rootUrl())
        .preset("google.tokenUrl", simulator.tokenUrl())
        .preset("google.authUrl", simulator.authUrl())
        .preset("gmail.pollMs", 0)
        .preset("gmail.format", "metadata")
        .preset("console.port", 0)
        .preset(
            "console.tokens",
            List.of(
                token("op", OPERATOR, "operator"),
                token("alice", ALICE, "user", alice),
                token("bob", BOB, "user", bob)))
        .load()
        .withGoogle(
            new GoogleSettings(
                URI.create(simulator.rootUrl()),
                URI.create(simulator.tokenUrl()),
                Simulator.CLIENT_ID,
                Simulator.CLIENT_SECRET,
                Duration.ofSeconds(10),
                50));
  }

  private static Map<String, Object> token(String name, String secret, String role)
      throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    return Map.of("name", name, "sha256", HexFormat.of().formatHex(digest), "role", role);
  }

  private static Map<String, Object> token(String name, String secret, String role, String account)
      throws Exception {
    Map<String, Object> token = new HashMap<>(token(name, secret, role));
    token.put("account", account);
    return token;
  }

  /** A browser with cookies of its own that goes where it is sent only when it is told to. */
  static HttpClient browser() {
    return HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  }

  /** What the owner answers on Google's page from now on: deny, scopes, or null for all. */
  void decide(String email, String answer) throws Exception {
    order("sim/consent", new JsonObject().put("email", email).put("answer", answer));
  }

  /** Tells the simulator what to do. */
  void order(String path, JsonObject order) throws Exception {
    HttpResponse<String> done =
        http.send(
            HttpRequest.newBuilder(URI.create(simulator.rootUrl() + path))
                .POST(HttpRequest.BodyPublishers.ofString(order.encode()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (done.statusCode() != 200) {
      throw new IllegalStateException(done.body());
    }
  }

  /** Asks the API. */
  HttpResponse<String> send(
      HttpClient by, String method, String path, String token, JsonObject body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.encode()));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return by.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Where a page sends the browser next. */
  static String next(HttpClient by, String url) throws Exception {
    return by.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .headers()
        .firstValue("Location")
        .orElseThrow();
  }

  /** Goes to the page of consent and comes back; answers what the page of ours is given. */
  JsonObject consent(HttpClient by, String token, String email) throws Exception {
    JsonObject body = email == null ? new JsonObject() : new JsonObject().put("email", email);
    HttpResponse<String> begun = send(by, "POST", "/api/v1/connections", token, body);
    if (begun.statusCode() != 200) {
      throw new IllegalStateException(begun.body());
    }
    String back = next(by, new JsonObject(begun.body()).getString("page"));
    String ours = next(by, back);
    JsonObject brought = new JsonObject();
    for (String pair : ours.substring(ours.indexOf('?') + 1).split("&", -1)) {
      String[] parts = pair.split("=", 2);
      brought.put(parts[0], java.net.URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return brought;
  }

  HttpResponse<String> finish(HttpClient by, String token, JsonObject brought) throws Exception {
    return send(by, "POST", "/api/v1/connections/finish", token, brought);
  }

  /** Asks until something holds. */
  JsonObject until(String path, String token, java.util.function.Predicate<JsonObject> holds)
      throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    JsonObject seen = new JsonObject();
    while (System.nanoTime() < end) {
      HttpResponse<String> answer = send(http, "GET", path, token, null);
      seen = new JsonObject(answer.body());
      if (answer.statusCode() == 200 && holds.test(seen)) {
        return seen;
      }
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
    }
    throw new AssertionError("it never came to that: " + seen.encode());
  }

  static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  @Override
  public void close() {
    try {
      await(millrace.stop());
      await(database.close());
      await(simulator.close());
      await(vertx.close());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
