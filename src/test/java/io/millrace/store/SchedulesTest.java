package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The table of schedules with many rows. */
@Timeout(60)
class SchedulesTest {
  @BeforeEach
  void twentyThousand() throws Exception {
    StoreTestKit.run("truncate schedule");
    StoreTestKit.run(
        """
        insert into schedule (name, user_id, kind, priority, payload, spec, zone, misfire, paused, anchor, next_at)
        select 's' || i, i, 'test', 0, '{}', 'every: PT1H', 'UTC', 'once', false, clock(),
               clock() + (i - 50) * interval '1 minute'
          from generate_series(1, 20000) as i""");
    StoreTestKit.run("analyze schedule");
  }

  @AfterEach
  void none() throws Exception {
    StoreTestKit.run("truncate schedule");
  }

  @Test
  void lookingForDueOnesReadsNoOthers() throws Exception {
    String plan =
        StoreTestKit.one(
                JsonArray.class, "explain (format json) " + Sql.named("due_schedules"), 100)
            .encode();
    assertTrue(plan.contains("schedule_due") && !plan.contains("Seq Scan"), plan);
    String next =
        StoreTestKit.one(
                JsonArray.class,
                "explain (format json) select min(next_at) from schedule where not paused")
            .encode();
    assertTrue(next.contains("schedule_due") && !next.contains("Seq Scan"), next);
  }

  @Test
  void twoSchedulersLockDifferentOnes() throws Exception {
    Schedules schedules = new Schedules(pool());
    assertTrue(await(schedules.nextMs()) <= 0);
    SqlConnection one = await(pool().getConnection());
    SqlConnection two = await(pool().getConnection());
    try {
      await(one.begin());
      await(two.begin());
      List<Schedules.Due> first = await(schedules.due(one, 30));
      List<Schedules.Due> second = await(schedules.due(two, 30));
      assertEquals("s1", first.get(0).schedule().name(), "due longest");
      assertEquals(30, first.size());
      assertEquals(20, second.size(), "the rest of what is due");
      assertTrue(second.stream().noneMatch(first::contains));
      assertEquals(List.of(), await(schedules.due(two, 0)));
    } finally {
      await(one.query("rollback").execute());
      await(two.query("rollback").execute());
      await(one.close());
      await(two.close());
    }
  }

  @Test
  void theDatabaseRefusesWhatNoScheduleCanHave() {
    for (String wrong : List.of("name = 'Not A Name'", "priority = 11", "misfire = 'never'")) {
      PgException refused =
          assertThrows(
              PgException.class,
              () ->
                  await(
                      pool()
                          .preparedQuery("update schedule set " + wrong + " where name = $1")
                          .execute(Tuple.of("s1"))));
      assertEquals("23514", refused.getSqlState());
    }
  }
}
