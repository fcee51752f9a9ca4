package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.sqlclient.Tuple;
import org.junit.jupiter.api.Test;

/** The client leaves long statements out of its cache unless it is told otherwise. */
class PreparedOnceTest {
  @Test
  void aLongStatementIsPlannedOnce() throws Exception {
    String sql = "select $1::int + 1 -- " + "long ".repeat(4_000);
    long kept =
        await(
            pool()
                .withConnection(
                    connection ->
                        connection
                            .preparedQuery(sql)
                            .execute(Tuple.of(1))
                            .compose(v -> connection.preparedQuery(sql).execute(Tuple.of(2)))
                            .compose(
                                v ->
                                    connection
                                        .preparedQuery(
                                            "select count(*) from pg_prepared_statements"
                                                + " where statement = $1 and generic_plans = 2")
                                        .execute(Tuple.of(sql)))
                            .map(rows -> rows.iterator().next().getLong(0))));
    assertEquals(1, kept);
  }
}
