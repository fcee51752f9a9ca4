package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Database;
import io.millrace.store.DatabaseException;
import io.millrace.store.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool gets rid of connections that nobody answers any more, each at the first who asks it. */
@Timeout(60)
@Tag("slow")
class SilentConnectionsIT {
  private static final Duration BOUND = Duration.ofSeconds(1);

  @RegisterExtension final Stage here = new Stage();

  @Test
  void whoeverIsNotAnsweredInTimeLosesTheConnectionAndNobodyElseGetsIt() throws Exception {
    Vertx vertx = Vertx.vertx();
    here.owned(() -> EngineProcess.await(vertx.close()));
    String uri = "postgresql://millrace@127.0.0.1:" + here.proxy().port() + "/postgres";
    DatabaseSettings settings =
        new DatabaseSettings(
            uri, here.server().password(), null, 4, BOUND, Duration.ofMinutes(1), 1);
    Database database = EngineProcess.await(Database.open(vertx, settings));
    here.owned(() -> EngineProcess.await(database.close()));
    for (Pool pool : List.of(database.pool(), database.enginePool())) {
      List<SqlConnection> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(EngineProcess.await(pool.getConnection()));
      }
      for (SqlConnection each : all) {
        EngineProcess.await(each.close());
      }
      here.proxy().abandon();
      List<Future<Integer>> asked = new ArrayList<>();
      asked.add(one(pool));
      asked.add(one(pool));
      asked.add(pool.withTransaction(c -> c.query("select 1").execute().map(rows -> rows.size())));
      asked.add(pool.withTransaction(c -> c.query("select 1").execute().map(rows -> rows.size())));
      long began = System.nanoTime();
      for (Future<Integer> each : asked) {
        Exception e = assertThrows(Exception.class, () -> EngineProcess.await(each));
        assertEquals(DatabaseException.class, e.getCause().getClass(), e.toString());
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertTrue(took.compareTo(BOUND.plusSeconds(1)) < 0, "it took " + took);
      for (int i = 0; i < 8; i++) {
        assertEquals(1, EngineProcess.await(one(pool)));
      }
    }
  }

  private static Future<Integer> one(Pool pool) {
    return pool.preparedQuery("select 1").execute().map(rows -> rows.size());
  }
}
