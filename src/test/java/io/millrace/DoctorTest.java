package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DoctorTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path directory;
  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void allIsWell() {
    assertEquals(
        List.of(
            "configuration: ok (quota profile 2026-05)",
            "encryption key: ok (none set; one is made for the embedded database)",
            "database: ok (embedded in D)",
            "google: ok (http://127.0.0.1:P/ answers)",
            "clock against google: ok (within 0 s)",
            "token endpoint: ok (http://127.0.0.1:P/token answers)",
            "client credentials: ok (google.clientId and its secret are set)"),
        examine(
            google(Duration.ZERO),
            Map.of("MILLRACE_GOOGLE_CLIENT_ID", "id", "MILLRACE_GOOGLE_CLIENT_SECRET", "s")));
  }

  @Test
  void whatIsWrongComesWithWhatToDo() throws IOException {
    int closed = closedPort();
    List<String> lines =
        examine(
            closed, Map.of("MILLRACE_DATABASE_URI", "postgresql://me@127.0.0.1:" + closed + "/db"));
    assertEquals(
        "encryption key: NOT OK (set APP_ENCRYPTION_KEY or APP_ENCRYPTION_KEY_FILE; make a key with:"
            + " openssl rand -base64 32)",
        lines.get(1));
    assertEquals(
        "database: NOT OK (postgresql://me@127.0.0.1:P/db does not answer: Connection refused:"
            + " /127.0.0.1:P; check database.uri, the password and that PostgreSQL runs)",
        lines.get(2));
    assertEquals(
        "google: NOT OK (http://127.0.0.1:P/ does not answer: Connection refused: /127.0.0.1:P;"
            + " check google.rootUrl, DNS, proxy and firewall)",
        lines.get(3));
    assertEquals(
        "client credentials: NOT OK (set google.clientId; set MILLRACE_GOOGLE_CLIENT_SECRET or"
            + " google.clientSecretFile; both come from the Google Cloud console, under Credentials)",
        lines.get(5));
  }

  @Test
  void aSkewedClockIsNamed() {
    List<String> lines = examine(google(Duration.ofMinutes(5)), Map.of());
    assertLinesMatch(
        List.of(
            "clock against google: NOT OK \\(this machine is (299|300|301) s behind; set its clock"
                + " by NTP\\)"),
        lines.subList(4, 5));
    assertEquals(
        "c: NOT OK (this machine is 3.0 s ahead; set its clock by NTP)",
        Doctor.clock("c", NOON.minusSeconds(3), NOON, NOON, Duration.ZERO).line());
    assertEquals(
        "c: ok (within 2.0 s)",
        Doctor.clock("c", NOON.minusSeconds(2), NOON, NOON, Duration.ZERO).line());
  }

  @Test
  void aSchemaOutOfStepIsNamed() {
    assertEquals("migrations: ok (version 3)", DatabaseCheck.current(3, 3).line());
    assertEquals(
        "migrations: NOT OK (at version 2 of 3; run: millrace migrate)",
        DatabaseCheck.current(2, 3).line());
    assertEquals(
        "migrations: NOT OK (at version 4, this Millrace knows 3; use a newer one)",
        DatabaseCheck.current(4, 3).line());
    assertEquals(true, NewestMigration.version() >= 0);
  }

  private List<String> examine(int port, Map<String, String> environment) {
    Configuration configuration =
        new ConfigurationLoader(environment)
            .preset("database.directory", directory.toString())
            .preset("google.rootUrl", "http://127.0.0.1:" + port + "/")
            .preset("google.tokenUrl", "http://127.0.0.1:" + port + "/token")
            .load();
    return new Doctor(configuration)
        .examine().stream()
            .map(Check::line)
            .map(line -> line.replace(":" + port, ":P").replace(directory.toString(), "D"))
            .map(line -> line.replaceAll("(\\d+)\\.\\d s", "$1 s"))
            .toList();
  }

  private int google(Duration ahead) {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request
                        .response()
                        .setStatusCode(404)
                        .putHeader(
                            "Date",
                            DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                Instant.now().plus(ahead).atOffset(ZoneOffset.UTC)))
                        .end("nothing here"));
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .actualPort();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
