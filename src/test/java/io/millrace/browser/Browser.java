package io.millrace.browser;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A headless Chromium of this machine, with a profile of its own that is removed at the end. */
public final class Browser implements AutoCloseable {
  private static final String LISTENS = "DevTools listening on ";
  private static final int LONGEST_MESSAGE = 64 << 20;
  private static final int SECONDS = 60;

  private final Process process;
  private final Path profile;

  /** Held because a client that nobody holds closes its sockets. */
  private final WebSocketClient client;

  private final WebSocket socket;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Promise<JsonObject>> asked = new ConcurrentHashMap<>();
  private final Map<String, Consumer<JsonObject>> sessions = new ConcurrentHashMap<>();

  private Browser(Process process, Path profile, WebSocketClient client, WebSocket socket) {
    this.process = process;
    this.profile = profile;
    this.client = client;
    this.socket = socket;
    socket.textMessageHandler(this::told);
    socket.exceptionHandler(e -> asked.values().forEach(p -> p.tryFail(e)));
    socket.closeHandler(v -> asked.values().forEach(p -> p.tryFail("the browser has gone")));
  }

  /** Where it is installed; empty if it is not. */
  public static Optional<Path> installed() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(
            name ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                    .map(directory -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts it. */
  public static Browser start(Vertx vertx, Path program) throws Exception {
    Path profile = Files.createTempDirectory("millrace-browser");
    Process process =
        new ProcessBuilder(
                List.of(
                    program.toString(),
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--disable-background-networking",
                    "--no-first-run",
                    "--remote-debugging-port=0",
                    "--user-data-dir=" + profile,
                    "about:blank"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    URI address = address(process);
    WebSocketClient client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxFrameSize(LONGEST_MESSAGE)
                .setMaxMessageSize(LONGEST_MESSAGE));
    WebSocket socket =
        await(
            client.connect(
                new WebSocketConnectOptions()
                    .setAllowOriginHeader(false)
                    .setHost(address.getHost())
                    .setPort(address.getPort())
                    .setURI(address.getPath())));
    return new Browser(process, profile, client, socket);
  }

  /** It says on its error output where it listens; what it says later is read and dropped. */
  private static URI address(Process process) throws Exception {
    CompletableFuture<URI> found = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  if (line.startsWith(LISTENS)) {
                    found.complete(URI.create(line.substring(LISTENS.length()).strip()));
                  }
                }
                found.completeExceptionally(new IOException("the browser ended at once"));
              } catch (IOException e) {
                found.completeExceptionally(e);
              }
            },
            "browser-log");
    reader.setDaemon(true);
    reader.start();
    return found.get(SECONDS, TimeUnit.SECONDS);
  }

  /** Opens a tab of that size, in CSS pixels; what it stores is not shared with others. */
  public Tab tab(int width, int height) throws Exception {
    String context =
        ask(null, "Target.createBrowserContext", new JsonObject()).getString("browserContextId");
    String target =
        ask(
                null,
                "Target.createTarget",
                new JsonObject().put("url", "about:blank").put("browserContextId", context))
            .getString("targetId");
    String session =
        ask(
                null,
                "Target.attachToTarget",
                new JsonObject().put("targetId", target).put("flatten", true))
            .getString("sessionId");
    Tab tab = new Tab(this, context, session);
    sessions.put(session, tab::told);
    tab.begin(width, height);
    return tab;
  }

  /** Closes a tab, with all that it has open. */
  void close(String context, String session) throws Exception {
    sessions.remove(session);
    ask(null, "Target.disposeBrowserContext", new JsonObject().put("browserContextId", context));
  }

  /** Asks for something and waits for the answer. */
  JsonObject ask(String session, String method, JsonObject parameters) throws Exception {
    long id = ids.incrementAndGet();
    Promise<JsonObject> answer = Promise.promise();
    asked.put(id, answer);
    JsonObject message =
        new JsonObject().put("id", id).put("method", method).put("params", parameters);
    if (session != null) {
      message.put("sessionId", session);
    }
    await(socket.writeTextMessage(message.encode()));
    return await(answer.future());
  }

  private void told(String text) {
    JsonObject message = new JsonObject(text);
    Promise<JsonObject> answer =
        message.containsKey("id") ? asked.remove(message.getLong("id")) : null;
    if (answer != null) {
      JsonObject error = message.getJsonObject("error");
      if (error == null) {
        answer.complete(message.getJsonObject("result"));
      } else {
        answer.fail(error.getString("message"));
      }
      return;
    }
    Consumer<JsonObject> tab = sessions.get(message.getString("sessionId", ""));
    if (tab != null) {
      tab.accept(message);
    }
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    client.close();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join();
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(Browser::remove);
    } catch (UncheckedIOException | IOException e) {
      // A helper of the browser may still write as it dies; the rest is the system's to clear.
      profile.toFile().deleteOnExit();
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
