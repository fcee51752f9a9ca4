package io.millrace.store;

import io.millrace.google.MessageRef;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The account of each run over a mailbox: how many ids were listed and what became of each. All
 * writes belong to the caller's transaction. Thread-safe.
 */
public final class SyncRuns {
  private static final String ACCOUNT = Sql.named("account");
  private static final String CLASSIFY = Sql.named("classify");
  private static final String COMPLETE = Sql.named("complete_run");
  private static final String UNCHANGED = Sql.named("unchanged");

  /** An id that was listed and not stored: duplicate, gone or dead. */
  public record Fate(String id, String fate) {}

  /**
   * A message given up for good.
   *
   * @param reason the failure's class, one word
   * @param sentence what happened, for a person
   */
  public record Dead(String id, String reason, String sentence, int attempts) {}

  /** What was spent since it was last written down. */
  public record Spent(long units, long calls, long throttled, long bytes) {
    /** Nothing. */
    public static final Spent NONE = new Spent(0, 0, 0, 0);
  }

  /** A run's counts as committed. */
  public record Counts(
      long listed, long stored, long duplicate, long gone, long deadLettered, long estimate) {}

  /**
   * Opens a run.
   *
   * @param mode full or delta
   * @param phase where it begins
   * @param firstHistory the history id from which changes will be drained
   * @return its number
   */
  public Future<Long> begin(
      SqlConnection connection,
      long user,
      String mode,
      String phase,
      String firstHistory,
      long estimate) {
    return connection
        .preparedQuery(
            """
            with run as (
              insert into sync_run (user_id, mode, phase, first_history, estimate)
              values ($1, $2, $3, $4::text::numeric, $5) returning user_id, run_id, mode
            ), known as (
              update mailbox m set full_run = run.run_id, trouble = null
                from run where m.user_id = run.user_id and run.mode = 'full'
            )
            select run_id from run""")
        .execute(Tuple.of(user, mode, phase, firstHistory, estimate))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /** Goes on with a run whose job ended before it, or that is to be checked once more. */
  public Future<Void> reopen(SqlConnection connection, long user, long run, String phase) {
    return connection
        .preparedQuery(
            """
            with run as (
              update sync_run set phase = $3, finished_at = null
               where user_id = $1 and run_id = $2
            )
            update mailbox set trouble = null where user_id = $1""")
        .execute(Tuple.of(user, run, phase))
        .mapEmpty();
  }

  /** Counts what a run gave up as not listed yet, so that it is tried once more. */
  public Future<Void> forgetDead(SqlConnection connection, long user, long run) {
    return connection
        .preparedQuery(
            """
            with forgotten as (
              delete from sync_fate where user_id = $1 and run_id = $2 and fate = 'dead' returning id
            ), n as (select count(*) as n from forgotten)
            update sync_run set listed = listed - n, dead_lettered = dead_lettered - n from n
             where user_id = $1 and run_id = $2 and n > 0""")
        .execute(Tuple.of(user, run))
        .mapEmpty();
  }

  /**
   * What is known of listed ids.
   *
   * @param wanted ids that are neither stored nor accounted for by the run, each once
   * @param begun threads of wanted ids of which another message is stored
   * @param early ids that the run stored before they were listed
   * @param fates ids that were there before the run
   */
  public record Known(
      List<MessageRef> wanted, Set<String> begun, List<String> early, List<Fate> fates) {}

  /** Sorts listed ids by what is known of them, in one anti-join. */
  public Future<Known> classify(
      SqlConnection connection, long user, long run, List<MessageRef> refs) {
    Map<String, MessageRef> distinct = new LinkedHashMap<>();
    refs.forEach(ref -> distinct.putIfAbsent(ref.id(), ref));
    return connection
        .preparedQuery(CLASSIFY)
        .execute(
            new Columns<>(List.copyOf(distinct.values()), Tuple.of(user, run))
                .text(MessageRef::id)
                .text(MessageRef::threadId)
                .tuple())
        .map(
            rows -> {
              Set<String> begun = new HashSet<>();
              List<String> early = new ArrayList<>();
              List<Fate> fates = new ArrayList<>();
              for (Row row : rows) {
                String id = row.getString("id");
                String fate = row.getString("fate");
                if (fate.equals("begun")) {
                  begun.add(distinct.get(id).threadId());
                  continue;
                }
                distinct.remove(id);
                if (fate.equals("early")) {
                  early.add(id);
                } else if (fate.equals("duplicate")) {
                  fates.add(new Fate(id, fate));
                }
              }
              return new Known(List.copyOf(distinct.values()), begun, early, fates);
            });
  }

  /**
   * Accounts for ids: moves the counts by what was stored, by what was stored before and is listed
   * now, and by the ids that had no fate in this run before.
   */
  public Future<Counts> account(
      SqlConnection connection, long user, long run, Accounted accounted, Spent spent) {
    Tuple tuple = Tuple.of(user, run, accounted.stored().size());
    new Columns<>(accounted.fates(), tuple).text(Fate::id).text(Fate::fate);
    new Columns<>(accounted.dead(), tuple)
        .text(Dead::id)
        .text(Dead::reason)
        .text(Dead::sentence)
        .integer(Dead::attempts);
    tuple
        .addLong(spent.units())
        .addLong(spent.calls())
        .addLong(spent.throttled())
        .addLong(spent.bytes())
        .addValue(accounted.stored().toArray(String[]::new))
        .addValue(accounted.early().toArray(String[]::new))
        .addValue(accounted.caughtUp().toArray(String[]::new));
    return connection
        .preparedQuery(ACCOUNT)
        .execute(tuple)
        .map(rows -> counts(rows.iterator().next()));
  }

  /** The same where no thread brought anything early. */
  public Future<Counts> account(
      SqlConnection connection,
      long user,
      long run,
      List<String> stored,
      List<Fate> fates,
      List<Dead> dead,
      Spent spent) {
    return account(
        connection, user, run, new Accounted(stored, List.of(), List.of(), fates, dead), spent);
  }

  private static Counts counts(Row row) {
    return new Counts(
        row.getLong("listed"),
        row.getLong("stored"),
        row.getLong("duplicate"),
        row.getLong("gone"),
        row.getLong("dead_lettered"),
        row.getLong("estimate"));
  }

  /** Notes which lanes a run goes through, as JSON. */
  public Future<Void> lanes(SqlConnection connection, long user, long run, String lanes) {
    return connection
        .preparedQuery("update sync_run set lanes = $3 where user_id = $1 and run_id = $2")
        .execute(Tuple.of(user, run, lanes))
        .mapEmpty();
  }

  /** Notes that a run has reached another phase. */
  public Future<Void> phase(SqlConnection connection, long user, long run, String phase) {
    return connection
        .preparedQuery("update sync_run set phase = $3 where user_id = $1 and run_id = $2")
        .execute(Tuple.of(user, run, phase))
        .mapEmpty();
  }

  /**
   * How a mailbox was left.
   *
   * @param now the database's time
   * @param behind whether Google has told of changes beyond the cursor
   * @param notified the last history id that it has told; null for none
   */
  public record Closed(Instant now, boolean behind, String notified) {}

  /**
   * Closes a run as complete: only now does the mailbox's cursor move. What earlier runs kept for
   * their own sake goes; full runs stay as a record, the last one with the fates of its ids.
   *
   * @param cursor the history id up to which everything is accounted for
   * @param kind of the jobs that sync; those of this user that are dead are forgotten
   */
  public Future<Closed> complete(
      SqlConnection connection, long user, long run, String cursor, String kind) {
    return connection
        .preparedQuery(COMPLETE)
        .execute(Tuple.of(user, run, cursor, kind))
        .map(SyncRuns::closed);
  }

  /**
   * Notes a look that found nothing new since the mailbox's cursor.
   *
   * @param kind of the jobs that sync; those of this user that are dead are forgotten
   */
  public Future<Closed> unchanged(SqlConnection connection, long user, String kind) {
    return connection.preparedQuery(UNCHANGED).execute(Tuple.of(user, kind)).map(SyncRuns::closed);
  }

  private static Closed closed(RowSet<Row> rows) {
    Row row = rows.iterator().next();
    return new Closed(
        row.getOffsetDateTime("now").toInstant(),
        row.getBoolean("behind"),
        row.getString("notified"));
  }
}
