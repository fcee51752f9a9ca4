package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Dead letters by what they have in common, and how many a filter means. Thread-safe. */
public final class DeadGroups {
  /** Letters, the newest ones, that are looked at. */
  public static final int LOOKED_AT = 50_000;

  private static final String GROUPS = Sql.named("dead_groups");
  private static final String COUNT =
      """
      select count(*) filter (where true %s) as meant, count(*) as seen, clock() as at
        from (select * from job_dead d where %s order by d.dead_at desc, d.id desc limit $1) d""";

  private final Pool pool;
  private final Kinds kinds;

  /** Works on the pool's connections. */
  public DeadGroups(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
  }

  /** The largest groups, at most so many. */
  public Future<List<JsonObject>> list(int most) {
    return pool.preparedQuery(GROUPS)
        .execute(Tuple.of((long) LOOKED_AT, (long) most))
        .map(
            rows -> {
              List<JsonObject> groups = new ArrayList<>(rows.size());
              rows.forEach(row -> groups.add(group(row)));
              return groups;
            });
  }

  private static JsonObject group(Row row) {
    return new JsonObject()
        .put("group", row.getString("fingerprint"))
        .put("kind", row.getString("kind"))
        .put("reason", row.getString("reason"))
        .put("failure", row.getString("failure"))
        .put("class", row.getString("class"))
        .put("message", row.getString("message"))
        .put("letters", row.getLong("letters"))
        .put("users", row.getLong("users"))
        .put("firstAt", JobList.time(row, "first_at"))
        .put("lastAt", JobList.time(row, "last_at"))
        .put("example", row.getLong("example"));
  }

  /** How many letters a filter means now, of the newest. */
  public Future<Meant> count(DeadFilter filter) {
    return (filter.kind() == null ? Future.<Short>succeededFuture() : kinds.known(filter.kind()))
        .compose(
            kind -> {
              Tuple values = Tuple.of((long) Meant.LOOKED_AT);
              String range = filter.range(kind, values);
              return pool.preparedQuery(COUNT.formatted(filter.traits(values), range))
                  .execute(values);
            })
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Meant(
                    row.getLong("meant"),
                    row.getLong("seen") == Meant.LOOKED_AT,
                    row.getOffsetDateTime("at").toInstant(),
                    0));
  }

  /** Whose letter it is; null if there is none. */
  public Future<Long> owner(long id) {
    return pool.preparedQuery("select user_id from job_dead where id = $1")
        .execute(Tuple.of(id))
        .map(rows -> rows.size() == 0 ? null : rows.iterator().next().getLong(0));
  }
}
