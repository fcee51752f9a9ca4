package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How long history is kept: days are made ahead and dropped whole when every kind's time is over;
 * what belongs to kinds that are kept for a shorter time goes earlier, in bounded steps. The bodies
 * of jobs that are not over are carried forward first, so whatever may still run or be redriven is
 * spared. One process at a time should sweep; two do no harm. Thread-safe.
 */
public final class Retention {
  private static final int STEP = 500;
  private static final int STEPS_A_SWEEP = 2_000;
  private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;

  private static final Future<Boolean> NO = Future.succeededFuture(false);

  private final Pool pool;
  private final RetentionSettings settings;

  /** A sweeper of these tables. */
  public Retention(Pool pool, RetentionSettings settings) {
    this.pool = pool;
    this.settings = settings;
  }

  /** Keeps the history of each kind that the settings name for its own time, from now on. */
  public Future<Void> keepKinds() {
    List<String> named = List.copyOf(settings.kinds().keySet());
    return pool.preparedQuery("select know_kinds($1::text[])")
        .execute(Tuple.tuple().addValue(named.toArray(String[]::new)))
        .compose(v -> each(named, kind -> keep(kind, settings.kinds().get(kind)).mapEmpty()));
  }

  /**
   * Keeps the history of a kind for its own time.
   *
   * @param days 1 to 3650, null for what holds for all
   * @return false if the kind is unknown
   */
  public Future<Boolean> keep(String kind, Integer days) {
    return pool.preparedQuery("update job_kind set keep_days = $2 where name = $1")
        .execute(Tuple.of(kind, days == null ? null : days.shortValue()))
        .map(rows -> rows.rowCount() == 1);
  }

  /**
   * What a sweep did.
   *
   * @param dropped tables of days that are gone
   * @param carried bodies that were carried forward
   * @param left days that could not go because something still held them, or a follower has not
   *     read them; the next sweep tries again
   * @param unread what followers of the stream of changes have not read of these days
   */
  public record Swept(List<String> dropped, int carried, List<String> left, List<Unread> unread) {}

  /**
   * A day that is over and that followers have not read to its end.
   *
   * @param followers by name, at most a hundred
   * @param lost whether it was not kept for them any longer
   */
  public record Unread(String table, List<String> followers, boolean lost) {}

  /**
   * A table of one day; attached is false, and pending true, if an earlier drop was cut off; past
   * is what is kept for no follower any longer.
   */
  private record Day(
      String table,
      String parent,
      LocalDate day,
      boolean attached,
      boolean pending,
      boolean past) {}

  /** Makes the days ahead, drops those that are over, and removes what is kept for less. */
  public Future<Swept> sweep() {
    List<String> dropped = new ArrayList<>();
    List<String> left = new ArrayList<>();
    List<Unread> unread = new ArrayList<>();
    int[] carried = {0};
    return pool.query("select make_days(7)")
        .execute()
        .compose(v -> days(true))
        .compose(
            over ->
                each(
                    over,
                    day ->
                        wanted(day, unread)
                            .compose(keep -> keep ? NO : drop(day, carried))
                            .map(gone -> (gone ? dropped : left).add(day.table()))
                            .recover(e -> Future.succeededFuture(left.add(day.table())))
                            .mapEmpty()))
        .compose(v -> days(false))
        .compose(kept -> each(kept, day -> expire(day, unread)))
        .compose(v -> forget())
        .compose(v -> forgetAudit())
        .map(v -> new Swept(dropped, carried[0], left, unread));
  }

  /** Days that are over for every kind, or those that are over for some; the oldest first. */
  private Future<List<Day>> days(boolean forAll) {
    return pool.preparedQuery(Sql.named("old_days"))
        .execute(Tuple.of(settings.days(), forAll, settings.unreadDays()))
        .map(
            rows -> {
              List<Day> days = new ArrayList<>();
              for (Row row : rows) {
                days.add(
                    new Day(
                        row.getString("relname"),
                        row.getString("parent"),
                        LocalDate.parse(row.getString("day"), DAY),
                        row.getBoolean("attached"),
                        row.getBoolean("pending"),
                        row.getBoolean("past")));
              }
              return days;
            });
  }

  /** Whether a day stays for followers that have not read it; notes that they have not. */
  private Future<Boolean> wanted(Day day, List<Unread> unread) {
    if (!day.parent().equals("job_outcome") || !day.attached() || day.pending()) {
      return NO;
    }
    return pool.preparedQuery(Sql.named("unread_day"))
        .execute(Tuple.of(day.day()))
        .map(
            rows -> {
              List<String> followers = new ArrayList<>();
              rows.forEach(row -> followers.add(row.getString("name")));
              if (!followers.isEmpty()) {
                unread.add(new Unread(day.table(), List.copyOf(followers), day.past()));
              }
              return !followers.isEmpty() && !day.past();
            });
  }

  private static <T> Future<Void> each(
      List<T> all, java.util.function.Function<T, Future<Void>> work) {
    Future<Void> done = Future.succeededFuture();
    for (T one : all) {
      done = done.compose(v -> work.apply(one));
    }
    return done;
  }

  private Future<Boolean> drop(Day day, int[] carried) {
    if (!day.parent().equals("job_body") || !day.attached()) {
      return dropTable(day).map(true);
    }
    return repeat(
            () ->
                pool.preparedQuery("select carry_bodies($1, $2)")
                    .execute(Tuple.of(day.day(), STEP))
                    .map(rows -> rows.iterator().next().getInteger(0))
                    .map(
                        n -> {
                          carried[0] += n;
                          return n > 0;
                        }))
        .compose(v -> pool.preparedQuery("select day_in_use($1)").execute(Tuple.of(day.day())))
        .map(rows -> rows.iterator().next().getBoolean(0))
        .compose(used -> used ? Future.succeededFuture(false) : dropTable(day).map(true));
  }

  /** Nobody waits longer than the lock timeout behind us; what is cut off is finished next time. */
  private Future<Void> dropTable(Day day) {
    String table = "millrace." + day.table();
    String detach = "alter table millrace." + day.parent() + " detach partition " + table;
    return pool.getConnection()
        .compose(
            c ->
                c.query("set lock_timeout = '2s'")
                    .execute()
                    .compose(
                        v ->
                            day.attached()
                                ? run(c, detach + (day.pending() ? " finalize" : " concurrently"))
                                : Future.succeededFuture())
                    .compose(v -> run(c, "drop table if exists " + table))
                    .eventually(() -> run(c, "reset lock_timeout"))
                    .eventually(c::close));
  }

  private static Future<Void> run(SqlConnection c, String sql) {
    return c.query(sql).execute().mapEmpty();
  }

  private Future<Void> expire(Day day, List<Unread> unread) {
    if (!day.parent().equals("job_outcome") || !day.attached()) {
      return Future.succeededFuture();
    }
    return wanted(day, unread).compose(keep -> keep ? Future.succeededFuture() : expire(day));
  }

  private Future<Void> expire(Day day) {
    long[] after = {Long.MIN_VALUE};
    return repeat(
        () ->
            pool.preparedQuery("select expire_ends($1, $2, $3, $4)")
                .execute(Tuple.of(day.day(), after[0], STEP, settings.days()))
                .map(rows -> rows.iterator().next().getLong(0))
                .map(
                    next -> {
                      after[0] = next == null ? 0 : next;
                      return next != null;
                    }));
  }

  /** Letters that were redriven are history like any other. */
  private Future<Void> forget() {
    return repeat(
        () ->
            pool.preparedQuery(
                    """
                    delete from job_dead
                     where ctid = any (array(
                             select ctid from job_dead d
                              where redriven_at < clock() - $1 * interval '1 day'
                                and (redriven_at < clock() - ($1 + $3::integer) * interval '1 day'
                                     or not exists (select from change_cursor c
                                                     where (c.xid, c.id) < (d.xid, d.id)))
                              order by redriven_at limit $2))""")
                .execute(Tuple.of(settings.days(), STEP, settings.unreadDays()))
                .map(rows -> rows.rowCount() == STEP));
  }

  /** What somebody did long ago; the database itself refuses to forget what is younger. */
  private Future<Void> forgetAudit() {
    return repeat(
        () ->
            pool.preparedQuery("select forget_audit($1, $2)")
                .execute(Tuple.of(settings.auditDays(), STEP))
                .map(rows -> rows.iterator().next().getInteger(0) == STEP));
  }

  /** Repeats a step while it says that there is more, a bounded number of times. */
  private static Future<Void> repeat(Supplier<Future<Boolean>> step) {
    Promise<Void> end = Promise.promise();
    repeat(step, STEPS_A_SWEEP, end);
    return end.future();
  }

  private static void repeat(Supplier<Future<Boolean>> step, int left, Promise<Void> end) {
    step.get()
        .onFailure(end::fail)
        .onSuccess(
            more -> {
              if (more && left > 1) {
                repeat(step, left - 1, end);
              } else {
                end.complete();
              }
            });
  }
}
