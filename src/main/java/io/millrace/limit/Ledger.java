package io.millrace.limit;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/**
 * Where the spending of quota is remembered beyond this process. All times are those of the
 * ledger's own clock, given as distances from its present; instants that Google named stay what
 * they are.
 */
public interface Ledger {
  /** The key of a bucket: a scope and the user, or 0 for the project. */
  record Key(String scope, long key) {}

  /** The bucket of all users together. */
  Key PROJECT = new Key("project", 0);

  /** The bucket of one user. */
  static Key user(long user) {
    return new Key("user", user);
  }

  /**
   * What came of asking for units of a day.
   *
   * @param taken how many there are now more, 0 if the day is spent
   * @param total how many were taken of it so far, by all processes
   */
  record Day(long taken, long total) {}

  /**
   * A piece of a bucket's timeline that belongs to the one who leased it.
   *
   * @param fromMs milliseconds from the answer's present, negative for the past
   * @param untilMs likewise
   * @param mark where it begins, in whatever the ledger counts its timeline: a slice that begins at
   *     the mark at which another ended adjoins it
   * @param untilMark where it ends
   * @param weight of the user among others, at least 1
   * @param closed what Google closed, this bucket or all of them, whichever process it told; it may
   *     have passed; null if there was none
   */
  record Slice(
      Key key,
      double fromMs,
      double untilMs,
      long mark,
      long untilMark,
      double weight,
      Closed closed) {
    /** Of a bucket of usual weight that nobody closed. */
    public Slice(Key key, double fromMs, double untilMs, long mark, long untilMark) {
      this(key, fromMs, untilMs, mark, untilMark, 1, null);
    }
  }

  /** A bucket that Google has closed until an instant that it named. */
  record Closed(Key key, Instant until) {}

  /**
   * Leases the next piece of each bucket's timeline.
   *
   * @param lengthMs how long each piece is
   */
  Future<List<Slice>> lease(List<Key> keys, double lengthMs);

  /**
   * Takes units out of a day's budget.
   *
   * @param day its number
   * @param units how many at the most
   * @param limit how many the day has in all
   */
  Future<Day> takeDay(long day, long units, long limit);

  /** Remembers that a bucket is closed; only a later instant than the known one counts. */
  Future<Void> close(Closed closed);

  /** The buckets that are closed now. */
  Future<List<Closed>> closed();
}
