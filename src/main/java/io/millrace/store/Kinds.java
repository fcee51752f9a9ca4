package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of kinds and the small numbers that stand for them in hot rows. Names are made known
 * once and never forgotten, so a cache cannot be wrong. Thread-safe.
 */
public final class Kinds {
  private final Map<String, Short> ids = new ConcurrentHashMap<>();
  private final Map<Short, String> names = new ConcurrentHashMap<>();
  private final Pool pool;

  /**
   * @param pool new names are committed on a connection of their own: a caller that rolls back must
   *     not leave a number in the cache that nobody else sees
   */
  public Kinds(Pool pool) {
    this.pool = pool;
  }

  Future<Map<String, Short>> ids(Collection<String> wanted) {
    List<String> unknown = wanted.stream().filter(n -> !ids.containsKey(n)).sorted().toList();
    if (unknown.isEmpty()) {
      return Future.succeededFuture(ids);
    }
    return pool.preparedQuery("select know_kinds($1::text[])")
        .execute(Tuple.tuple().addValue(unknown.toArray(String[]::new)))
        .compose(v -> pool.preparedQuery("select id, name from job_kind").execute())
        .map(
            rows -> {
              rows.forEach(this::learn);
              return ids;
            });
  }

  private void learn(Row row) {
    names.put(row.getShort("id"), row.getString("name"));
    ids.put(row.getString("name"), row.getShort("id"));
  }

  /** The number of a kind, null if nobody has enqueued or run it yet; makes nothing known. */
  Future<Short> known(String name) {
    Short id = ids.get(name);
    if (id != null) {
      return Future.succeededFuture(id);
    }
    return pool.preparedQuery("select id, name from job_kind where name = $1")
        .execute(Tuple.of(name))
        .map(
            rows -> {
              rows.forEach(this::learn);
              return ids.get(name);
            });
  }

  /** The names of kinds that this process need not have met yet. */
  Future<Map<Short, String>> names(Collection<Short> wanted) {
    if (names.keySet().containsAll(wanted)) {
      return Future.succeededFuture(names);
    }
    return pool.query("select id, name from job_kind")
        .execute()
        .map(
            rows -> {
              rows.forEach(this::learn);
              return names;
            });
  }

  short id(String name) {
    return ids.get(name);
  }

  String name(short id) {
    return names.get(id);
  }
}
