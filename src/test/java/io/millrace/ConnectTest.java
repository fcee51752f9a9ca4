package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator types to connect mailboxes and to change the key, on a database of its own. */
@Timeout(180)
class ConnectTest {
  private static final Pattern PAGE = Pattern.compile("http://\\S+/o/oauth2/v2/auth\\?\\S+");

  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private final Map<String, String> environment = new HashMap<>();
  private Simulator simulator;
  private String email;

  @BeforeEach
  void start() throws Exception {
    simulator =
        await(Simulator.start(vertx, SimOptions.defaults().withMailboxes(2).withMessages(1)));
    email = simulator.accounts().get(0).email();
    environment.put("MILLRACE_DATABASE_DIRECTORY", directory.resolve("data").toString());
    environment.put("MILLRACE_GOOGLE_ROOT_URL", simulator.rootUrl());
    environment.put("MILLRACE_GOOGLE_TOKEN_URL", simulator.tokenUrl());
    environment.put("MILLRACE_GOOGLE_AUTH_URL", simulator.authUrl());
    environment.put("MILLRACE_GOOGLE_CLIENT_ID", Simulator.CLIENT_ID);
    environment.put("MILLRACE_GOOGLE_CLIENT_SECRET", Simulator.CLIENT_SECRET);
  }

  @AfterEach
  void stop() throws Exception {
    await(simulator.close());
    await(vertx.close());
    LoggingTest.asBefore();
  }

  @Test
  void mailboxesAreConnectedEitherWayAndTheKeyIsChanged() throws Exception {
    CapturedTerminal browser = new CapturedTerminal(false);
    CompletableFuture<Integer> consent =
        CompletableFuture.supplyAsync(() -> run(browser, "connect", "--browser"));
    assertEquals(200, fetch(page(browser, consent)).statusCode());
    assertEquals(0, consent.get(60, TimeUnit.SECONDS), browser.err());
    assertTrue(browser.err().contains(email + " is connected; its sync starts"), browser.err());

    Path key = directory.resolve("key.json");
    Files.writeString(key, fetch(simulator.rootUrl() + "sim/service-account").body());
    String other = simulator.accounts().get(1).email();
    CapturedTerminal delegated = new CapturedTerminal(false);
    String[] both = {
      "connect", "--service-account", "--email", "nobody@example.com", "--email", other
    };
    assertEquals(2, run(delegated, both));
    assertTrue(delegated.newErr().contains("google.serviceAccountFile is not set"));
    environment.put("MILLRACE_GOOGLE_SERVICE_ACCOUNT_FILE", key.toString());
    assertEquals(1, run(delegated, both), "one of them is not connected");
    String said = delegated.err();
    assertTrue(said.contains("nobody@example.com is not connected: "), said);
    assertTrue(said.contains("Google knows no active user nobody@example.com"), said);
    assertTrue(said.contains(other + " is connected; its sync starts"), said);

    byte[] fresh = new byte[32];
    fresh[0] = 1;
    environment.put("APP_ENCRYPTION_KEY", Base64.getEncoder().encodeToString(fresh));
    CapturedTerminal rotation = new CapturedTerminal(false);
    assertEquals(1, run(rotation, "rotate-key"));
    assertTrue(
        rotation
            .newErr()
            .contains(
                "1 stored token is encrypted with a key that is not at hand: "
                    + email
                    + ". Set APP_ENCRYPTION_KEY_PREVIOUS"));
    environment.put("APP_ENCRYPTION_KEY_PREVIOUS_FILE", kept().toString());
    assertEquals(0, run(rotation, "rotate-key"), rotation.err());
    assertTrue(
        rotation.newErr().contains("Nothing is left under the previous key"), rotation.err());
    environment.remove("APP_ENCRYPTION_KEY_PREVIOUS_FILE");
    assertEquals(0, run(rotation, "rotate-key"), "and the old one is not needed");
  }

  /** The key that the embedded database was given when none was set. */
  private Path kept() throws Exception {
    try (var files = Files.walk(directory.resolve("data"))) {
      return files.filter(f -> f.endsWith("encryption-key")).findFirst().orElseThrow();
    }
  }

  private int run(CapturedTerminal terminal, String... args) {
    return Main.run(args, environment, terminal.terminal, new ByteArrayInputStream(new byte[0]));
  }

  /** The address that is shown, as soon as it is. */
  private String page(CapturedTerminal terminal, CompletableFuture<Integer> command)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      Matcher matcher = PAGE.matcher(terminal.err());
      if (matcher.find() && terminal.err().endsWith("\n")) {
        return matcher.group();
      }
      assertTrue(!command.isDone() && System.nanoTime() < end, terminal.err());
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }
  }

  private static HttpResponse<String> fetch(String url) throws Exception {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.ALWAYS)
        .build()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
