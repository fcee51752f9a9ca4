package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets those through who stand aside at gates where places have come free, beside whatever freed
 * them: one statement at a time, for all that were freed meanwhile. Only after the commit that
 * freed them: whoever was put aside before is seen, and whoever is later looks again. Thread-safe.
 */
final class Freed {
  private static final Logger log = LoggerFactory.getLogger(Freed.class);

  private final Pool pool;
  private final Set<Long> gates = new HashSet<>();
  private final Set<Runnable> told = new HashSet<>();
  private boolean looking;

  Freed(Pool pool) {
    this.pool = pool;
  }

  /**
   * Lets through at these gates now.
   *
   * @return how many came back
   */
  Future<Integer> letThrough(Long... gates) {
    if (gates.length == 0) {
      return Future.succeededFuture(0);
    }
    return pool.preparedQuery("select release_behind($1::bigint[])")
        .execute(Tuple.tuple().addValue(gates))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  /**
   * Lets through at these gates soon.
   *
   * @param more told if somebody came back; on any thread
   */
  void soon(Long[] freed, Runnable more) {
    if (freed.length == 0) {
      return;
    }
    synchronized (this) {
      Collections.addAll(gates, freed);
      told.add(more);
      if (looking) {
        return;
      }
      looking = true;
    }
    look();
  }

  private void look() {
    Long[] some;
    List<Runnable> tell;
    synchronized (this) {
      if (gates.isEmpty()) {
        looking = false;
        return;
      }
      some = gates.toArray(Long[]::new);
      gates.clear();
      tell = List.copyOf(told);
      told.clear();
    }
    letThrough(some)
        .onSuccess(
            released -> {
              if (released > 0) {
                tell.forEach(Runnable::run);
              }
            })
        .onFailure(
            e ->
                log.atWarn()
                    .addKeyValue("gates", some.length)
                    .log("who waits for a place waits for the next sweep: {}", e.getMessage()))
        .onComplete(done -> look());
  }
}
