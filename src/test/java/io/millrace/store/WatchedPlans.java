package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection that tells how PostgreSQL ran each statement, and those inside of functions. */
final class WatchedPlans {
  private static final Pattern HIT = Pattern.compile("shared hit=(\\d+)");

  private final List<String> plans = new ArrayList<>();
  private final PgConnection connection;

  private WatchedPlans(PgConnection connection) {
    this.connection = connection;
    connection.noticeHandler(notice -> plans.add(notice.getMessage()));
  }

  static WatchedPlans open() throws Exception {
    WatchedPlans opened = new WatchedPlans(PgConnection.cast(await(pool().getConnection())));
    for (String set :
        List.of(
            "load 'auto_explain'",
            "set auto_explain.log_level = notice",
            "set auto_explain.log_analyze = on",
            "set auto_explain.log_nested_statements = on",
            "set auto_explain.log_timing = off",
            "set auto_explain.log_buffers = on",
            "set auto_explain.log_min_duration = 0")) {
      await(opened.connection.query(set).execute());
    }
    return opened;
  }

  /** How a statement was run, which is rolled back. */
  List<String> of(String sql, Tuple values) throws Exception {
    await(connection.query("begin").execute());
    plans.clear();
    await(connection.preparedQuery(sql).execute(values));
    // Some plans are told only when the transaction ends.
    await(connection.query("rollback").execute());
    assertFalse(plans.isEmpty(), "no plan was told of " + sql);
    return List.copyOf(plans);
  }

  /** How many pages were touched: the outermost plan counts what the others touch, too. */
  static long touched(List<String> plans) {
    long touched = 0;
    for (String plan : plans) {
      Matcher hit = HIT.matcher(plan);
      touched = Math.max(touched, hit.find() ? Long.parseLong(hit.group(1)) : 0);
    }
    return touched;
  }

  void close() throws Exception {
    await(connection.query("set auto_explain.log_min_duration = -1").execute());
    await(connection.close());
  }
}
