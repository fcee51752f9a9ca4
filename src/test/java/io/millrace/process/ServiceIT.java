package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The service starts, waits for what it needs, and stops when it is asked to. */
@Timeout(120)
class ServiceIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pattern RUNNING = Pattern.compile("is running; see (http://\\S+/)");
  private static final Pattern AGAIN = Pattern.compile("Trying again in \\d");

  @RegisterExtension final Workplace here = new Workplace();

  @Test
  void itRunsUntilItIsStoppedAndLeavesNoDatabaseBehind() throws Exception {
    MillraceProcess service =
        here.start("run", "--conf", here.file("conf.json", "{\"console\": {\"port\": 0}}"));
    URI page = URI.create(service.awaitError(RUNNING, SOON).group(1));
    HttpRequest request = HttpRequest.newBuilder(page).timeout(SOON).build();
    assertEquals(
        200, HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode());
    assertEquals(List.of(here.fresh("data")), Postmasters.below(here.directory()));
    stops(service);
  }

  @Test
  void stoppedWhileItStartsItLeavesNoDatabaseBehindEither() throws Exception {
    MillraceProcess service =
        here.start("run", "--conf", here.file("conf.json", "{\"console\": {\"port\": 0}}"));
    assertTrue(service.awaitWhileAlive(() -> !Postmasters.below(here.directory()).isEmpty(), SOON));
    stops(service);
  }

  @Test
  void itWaitsForADatabaseThatIsDown() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (ExternalDatabase database = ExternalDatabase.start(here.fresh("elsewhere"))) {
      int port = ExternalDatabase.closedPort();
      MillraceProcess service = ExternalDatabase.at(port, database.password()).start(here, "run");
      service.awaitError(AGAIN, SOON);
      await(forward(vertx, port, database.port()));
      service.awaitError(RUNNING, SOON);
      service.terminate();
      service.ends(MillraceProcess.TERMINATED, Duration.ofSeconds(15));
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void waitingItCanBeStopped() throws Exception {
    MillraceProcess service =
        ExternalDatabase.at(ExternalDatabase.closedPort(), "any").start(here, "run");
    service.awaitError(AGAIN, SOON);
    stops(service);
  }

  private void stops(MillraceProcess service) {
    service.terminate();
    service.ends(MillraceProcess.TERMINATED, Duration.ofSeconds(15));
    assertEquals(List.of(), Postmasters.below(here.directory()));
  }

  /** Opens the door to a database at another port than its own. */
  private static Future<?> forward(Vertx vertx, int port, int target) {
    NetClient client = vertx.createNetClient();
    return vertx
        .createNetServer()
        .connectHandler(
            near -> {
              near.pause();
              client
                  .connect(target, "127.0.0.1")
                  .onSuccess(far -> join(near, far))
                  .onFailure(e -> near.close());
            })
        .listen(port, "127.0.0.1");
  }

  private static void join(NetSocket near, NetSocket far) {
    near.pipeTo(far);
    far.pipeTo(near);
  }

  private static void await(Future<?> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
