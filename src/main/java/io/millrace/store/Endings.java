package io.millrace.store;

import static io.millrace.store.Jobs.column;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * How runs end: the narrow rows move, and what hangs on a job that ended (its dedup key, the gates
 * it counted against) is looked after in the same transaction. Runs that are no longer current
 * change nothing. Thread-safe.
 */
public final class Endings {
  private static final String COMPLETE = Sql.named("complete");
  private static final String POSTPONE = Sql.named("postpone");
  private static final String BURY = Sql.named("bury");
  private static final String REMEMBER = Sql.named("remember");
  private static final String RESCUE = Sql.named("rescue");
  private static final String LOCK_RUNS = Sql.named("lock_runs");
  private static final int MOST_RESCUED = 1_000;

  private static final String MOVED = "a run's row changed while it was settled";

  /** A row in job_dedup, a batch, children. */
  private static final int TIED = 7;

  /** Children: what becomes of theirs is a cascade. */
  private static final int PARENT = 4;

  private static final int CASCADE_EDGES = 500;
  private static final int CASCADE_STEPS = 20;

  /** Somebody wants the job to end for good. */
  private static final int CANCELLED = 8;

  private final Pool pool;
  private final Kinds kinds;
  private final Freed freed;

  Endings(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
    this.freed = new Freed(pool);
  }

  /** Completes when those are let through who waited for places of runs that ended. */
  public Future<Void> quiet() {
    return freed.quiet();
  }

  /** The gates at which runs that ended gave places back. */
  Freed freed() {
    return freed;
  }

  /** What a statement ended. */
  record Ended(long user, long id, LocalDate day, int ties, Long userGate, Long keyGate) {
    static Ended of(Row row) {
      return new Ended(
          row.getLong("user_id"),
          row.getLong("id"),
          row.getLocalDate("day"),
          row.getShort("ties"),
          row.getLong("user_gate"),
          row.getLong("key_gate"));
    }
  }

  /**
   * Writes how runs ended. Those that completed and that nothing hangs on go in one statement,
   * after which those are let through who waited for their places, which is not waited for; the
   * others in one transaction, in which what hangs on them is looked after.
   *
   * @param more called, on any thread, when something that hangs on them was looked after: other
   *     jobs may be ready
   * @return how many took effect
   */
  public Future<Integer> settle(List<Settlement> settlements, Runnable more) {
    return settle(
        settlements,
        more,
        gates -> {
          freed.soon(gates, more);
          return Future.succeededFuture();
        });
  }

  /** The same, with those let through who waited for the places. */
  public Future<Integer> settle(List<Settlement> settlements) {
    return settle(settlements, () -> {}, freed::letThrough);
  }

  private Future<Integer> settle(
      List<Settlement> settlements, Runnable more, Function<Long[], Future<?>> letThrough) {
    List<Settlement.Finished> finished = new ArrayList<>(settlements.size());
    List<Settlement> others = new ArrayList<>();
    for (Settlement settlement : settlements) {
      if (settlement instanceof Settlement.Finished f) {
        finished.add(f);
      } else {
        others.add(settlement);
      }
    }
    Future<Integer> plain =
        finished.isEmpty()
            ? Future.succeededFuture(0)
            : Retry.again(() -> pool.preparedQuery(COMPLETE).execute(finished(finished, true)))
                .compose(
                    rows -> {
                      Row first = rows.iterator().next();
                      Set<Long> tied = new HashSet<>();
                      rows.forEach(row -> tied.add(row.getLong("id")));
                      finished.stream()
                          .filter(f -> tied.contains(f.key().id()))
                          .forEach(others::add);
                      return letThrough
                          .apply(first.getArrayOfLongs("gates"))
                          .map(first.getLong("done").intValue());
                    });
    return plain.compose(
        done ->
            others.isEmpty()
                ? Future.succeededFuture(done)
                : Retry.again(() -> pool.withTransaction(c -> ended(c, others)))
                    .onSuccess(ended -> more.run())
                    .compose(ended -> goOn(ended).map(done + ended.size())));
  }

  private Future<Void> goOn(List<Ended> ended) {
    return ended.stream().anyMatch(e -> (e.ties() & PARENT) != 0)
        ? cascade()
        : Future.succeededFuture();
  }

  /**
   * Goes on with the cascades that jobs which ended have left to later transactions: at most a
   * bounded number of steps, each a transaction of its own.
   */
  public Future<Void> cascade() {
    return cascade(CASCADE_STEPS);
  }

  private Future<Void> cascade(int steps) {
    return Retry.again(
            () -> pool.preparedQuery("select cascade($1)").execute(Tuple.of(CASCADE_EDGES)))
        .compose(
            rows ->
                rows.iterator().next().getBoolean(0) && steps > 1
                    ? cascade(steps - 1)
                    : Future.succeededFuture());
  }

  /** The same in the caller's transaction. */
  public Future<Integer> settle(SqlConnection connection, List<Settlement> settlements) {
    return ended(connection, settlements).map(List::size);
  }

  private static Future<List<Ended>> ended(SqlConnection connection, List<Settlement> settlements) {
    List<Settlement.Finished> finished = new ArrayList<>();
    List<Settlement.Postponed> postponed = new ArrayList<>();
    List<Settlement.Buried> buried = new ArrayList<>();
    for (Settlement settlement : settlements) {
      if (settlement instanceof Settlement.Finished f) {
        finished.add(f);
      } else if (settlement instanceof Settlement.Postponed p) {
        postponed.add(p);
      } else if (settlement instanceof Settlement.Buried b) {
        buried.add(b);
      }
    }
    List<Future<RowSet<Row>>> written = new ArrayList<>();
    Set<RunKey> waiting = new HashSet<>();
    int most = Math.max(finished.size(), Math.max(postponed.size(), buried.size()));
    Future<?> locked =
        most == settlements.size()
            ? Future.succeededFuture()
            : connection.preparedQuery(LOCK_RUNS).execute(keys(settlements));
    if (!finished.isEmpty()) {
      written.add(connection.preparedQuery(COMPLETE).execute(finished(finished, false)));
    }
    if (!postponed.isEmpty()) {
      Tuple tuple =
          keys(postponed)
              .addValue(column(postponed, Settlement.Postponed::delayMs, Long[]::new))
              .addValue(column(postponed, Settlement.Postponed::why, String[]::new))
              .addValue(column(postponed, p -> p.attemptSpent() ? 1 : 0, Integer[]::new))
              .addValue(column(postponed, Settlement.Postponed::cost, Float[]::new));
      written.add(
          connection
              .preparedQuery(POSTPONE)
              .execute(tuple)
              .onSuccess(
                  rows ->
                      rows.forEach(
                          row ->
                              waiting.add(
                                  new RunKey(
                                      row.getLong("user_id"),
                                      row.getLong("id"),
                                      row.getInteger("run"))))));
    }
    if (!buried.isEmpty()) {
      Tuple tuple =
          keys(buried)
              .addValue(column(buried, Settlement.Buried::reason, String[]::new))
              .addValue(column(buried, Settlement.Buried::error, String[]::new));
      written.add(connection.preparedQuery(BURY).execute(tuple));
    }
    return locked
        .compose(v -> Future.all(written))
        .compose(
            all -> {
              List<Ended> ended = new ArrayList<>(settlements.size());
              for (Future<RowSet<Row>> f : written) {
                for (Row row : f.result()) {
                  if (!row.getBoolean("gone")) {
                    return Future.failedFuture(new ConcurrentModificationException(MOVED));
                  }
                  if (row.getLong("id") != null) {
                    ended.add(Ended.of(row));
                  }
                }
              }
              return remember(connection, postponed, waiting)
                  .compose(v -> lookAfter(connection, ended))
                  .map(ended);
            });
  }

  private static Tuple finished(List<Settlement.Finished> finished, boolean plainOnly) {
    return keys(finished)
        .addValue(column(finished, Settlement.Finished::state, String[]::new))
        .addValue(column(finished, Settlement.Finished::note, String[]::new))
        .addValue(plainOnly);
  }

  private static Future<Void> remember(
      SqlConnection connection, List<Settlement.Postponed> postponed, Set<RunKey> waiting) {
    // An older run of the same job may be among them: only what the current one met is kept.
    List<Settlement.Postponed> failed =
        postponed.stream().filter(p -> p.error() != null && waiting.contains(p.key())).toList();
    if (failed.isEmpty()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery(REMEMBER)
        .execute(
            Tuple.tuple()
                .addValue(column(failed, p -> p.key().user(), Long[]::new))
                .addValue(column(failed, p -> p.key().id(), Long[]::new))
                .addValue(column(failed, Settlement.Postponed::error, String[]::new)))
        .mapEmpty();
  }

  /** Looks after what hangs on jobs that ended, in the transaction that ended them. */
  static Future<Void> lookAfter(SqlConnection connection, List<Ended> ended) {
    List<Ended> tied = ended.stream().filter(e -> (e.ties() & TIED) != 0).toList();
    Set<Long> gates = gates(ended);
    Future<?> done = Future.succeededFuture();
    if (!tied.isEmpty()) {
      done =
          done.compose(
              v ->
                  connection
                      .preparedQuery(
                          "select look_after($1::bigint[], $2::bigint[], $3::date[], $4::smallint[])")
                      .execute(
                          Tuple.tuple()
                              .addValue(column(tied, Ended::user, Long[]::new))
                              .addValue(column(tied, Ended::id, Long[]::new))
                              .addValue(column(tied, Ended::day, LocalDate[]::new))
                              .addValue(column(tied, e -> (short) e.ties(), Short[]::new))));
    }
    if (!gates.isEmpty()) {
      done =
          done.compose(
              v ->
                  connection
                      .preparedQuery("select release_gates($1::bigint[])")
                      .execute(Tuple.tuple().addValue(gates.toArray(Long[]::new))));
    }
    // Last: it takes gates as it comes to them, after which none may be waited for.
    return done.compose(v -> endCancelled(connection, ended)).mapEmpty();
  }

  private static Set<Long> gates(List<Ended> ended) {
    Set<Long> gates = new TreeSet<>();
    for (Ended e : ended) {
      if (e.userGate() != null) {
        gates.add(e.userGate());
      }
      if (e.keyGate() != null) {
        gates.add(e.keyGate());
      }
    }
    return gates;
  }

  /** A run that ended in a wait does not go on if its job was cancelled meanwhile. */
  private static Future<?> endCancelled(SqlConnection connection, List<Ended> ended) {
    List<Ended> wanted = ended.stream().filter(e -> (e.ties() & CANCELLED) != 0).toList();
    if (wanted.isEmpty()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery("select * from end_cancelled($1::bigint[], $2::bigint[])")
        .execute(
            Tuple.tuple()
                .addValue(column(wanted, Ended::user, Long[]::new))
                .addValue(column(wanted, Ended::id, Long[]::new)))
        .compose(
            rows -> {
              List<Ended> cancelled = new ArrayList<>(rows.size());
              rows.forEach(row -> cancelled.add(Ended.of(row)));
              return cancelled.isEmpty()
                  ? Future.succeededFuture()
                  : lookAfter(connection, cancelled);
            });
  }

  private static <S extends Settlement> Tuple keys(List<S> settlements) {
    return Tuple.tuple()
        .addValue(column(settlements, s -> s.key().user(), Long[]::new))
        .addValue(column(settlements, s -> s.key().id(), Long[]::new))
        .addValue(column(settlements, s -> s.key().run(), Integer[]::new));
  }

  /**
   * Takes back the runs of dead workers and runs that overran their deadline, at most a thousand,
   * and goes on with cascades.
   *
   * @param graceMs how far past its deadline a run of a living worker may be
   * @param attempts failures allowed, by kind
   */
  public Future<Rescued> rescue(long graceMs, Map<String, Integer> attempts) {
    List<String> names = List.copyOf(attempts.keySet());
    return kinds
        .ids(names)
        .compose(
            ids -> {
              Tuple tuple =
                  Tuple.of(graceMs)
                      .addValue(column(names, ids::get, Short[]::new))
                      .addValue(column(names, attempts::get, Integer[]::new))
                      .addValue(MOST_RESCUED);
              return Retry.again(() -> pool.withTransaction(c -> rescued(c, tuple)));
            })
        // Here those go on, too, whose process died before it could.
        .compose(rescued -> cascade().map(rescued));
  }

  private static Future<Rescued> rescued(SqlConnection connection, Tuple tuple) {
    return connection
        .preparedQuery(RESCUE)
        .execute(tuple)
        .compose(
            rows -> {
              List<Ended> ended = new ArrayList<>(rows.size());
              long dead = 0;
              long found = 0;
              for (Row row : rows) {
                ended.add(Ended.of(row));
                dead += row.getBoolean("last") ? 1 : 0;
                found = row.getLong("found");
              }
              Rescued rescued = new Rescued(ended.size(), dead, found == MOST_RESCUED);
              return lookAfter(connection, ended).map(rescued);
            });
  }

  /**
   * What a sweep for lost runs did.
   *
   * @param count runs taken back
   * @param dead how many of them had spent their last attempt
   * @param more whether there may be more of them
   */
  public record Rescued(long count, long dead, boolean more) {
    /** There was nothing to do. */
    public static final Rescued NONE = new Rescued(0, 0, false);
  }
}
