package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
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

  /** At how many gates one statement looks: while it waits for one of them it holds others. */
  private static final int MOST = 1_000;

  private final Pool pool;
  private final Set<Long> gates = new HashSet<>();
  private final Set<Runnable> told = new HashSet<>();
  private boolean looking;
  private Promise<Void> quiet = Promise.promise();

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
    return Retry.again(
            () ->
                pool.preparedQuery("select release_behind($1::bigint[])")
                    .execute(Tuple.tuple().addValue(gates)))
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

  /** Completes when nobody waits to be let through any more. */
  synchronized Future<Void> quiet() {
    return looking ? quiet.future() : Future.succeededFuture();
  }

  private void look() {
    List<Long> some = new ArrayList<>();
    Set<Runnable> tell;
    Promise<Void> done = null;
    synchronized (this) {
      Iterator<Long> next = gates.iterator();
      while (next.hasNext() && some.size() < MOST) {
        some.add(next.next());
        next.remove();
      }
      tell = Set.copyOf(told);
      if (gates.isEmpty()) {
        told.clear();
      }
      if (some.isEmpty()) {
        looking = false;
        done = quiet;
        quiet = Promise.promise();
      }
    }
    if (done != null) {
      done.complete();
      return;
    }
    letThrough(some.toArray(Long[]::new))
        .onSuccess(
            released -> {
              if (released > 0) {
                tell.forEach(Runnable::run);
              }
            })
        .onFailure(
            e ->
                log.atWarn()
                    .addKeyValue("gates", some.size())
                    .log("who waits for a place waits for the next sweep: {}", e.getMessage()))
        .onComplete(v -> look());
  }
}
