package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DoctorDatabaseTest {
  @TempDir Path directory;

  @Test
  void aDatabaseInStepIsWell() throws Exception {
    Vertx vertx = Vertx.vertx();
    DatabaseSettings embedded = new DatabaseSettings(null, null, directory.resolve("data"), 4);
    Database database =
        Database.open(vertx, embedded)
            .toCompletionStage()
            .toCompletableFuture()
            .get(50, TimeUnit.SECONDS);
    try {
      String password = password();
      String uri = "postgresql://millrace@127.0.0.1:" + database.embeddedPort() + "/postgres";
      List<String> lines = examine(vertx, new DatabaseSettings(uri, password, null, 4));
      assertEquals("database: ok (PostgreSQL 17)", lines.get(0));
      assertTrue(lines.get(1).startsWith("clock against database: ok"), lines.get(1));
      assertTrue(lines.get(2).matches("migrations: ok \\(version [1-9]\\d*\\)"), lines.get(2));
      String refused = examine(vertx, new DatabaseSettings(uri, "canary", null, 4)).get(0);
      assertTrue(refused.contains("password authentication failed"), refused);
      database
          .pool()
          .query("delete from millrace.flyway_schema_history where version is not null")
          .execute()
          .toCompletionStage()
          .toCompletableFuture()
          .get(5, TimeUnit.SECONDS);
      assertTrue(
          examine(vertx, new DatabaseSettings(uri, password, null, 4))
              .get(2)
              .startsWith("migrations: NOT OK (at version 0 of"));
    } finally {
      database.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private String password() throws Exception {
    return Files.readString(directory.resolve("data").resolve("password")).strip();
  }

  private static List<String> examine(Vertx vertx, DatabaseSettings settings) throws Exception {
    return new DatabaseCheck(vertx, settings)
        .examine()
        .map(checks -> checks.stream().map(Check::line).toList())
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }
}
