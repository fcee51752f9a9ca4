package io.millrace.limit;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;

/**
 * Where the spending of quota is remembered beyond this process. All times are those of the
 * ledger's own clock, given as distances from its present.
 */
public interface Ledger {
  /** The key of a bucket: a scope and the user, or 0 for the project. */
  record Key(String scope, long key) {}

  /**
   * A piece of a bucket's timeline that belongs to the one who leased it.
   *
   * @param fromMs milliseconds from the answer's present, negative for the past
   * @param untilMs likewise
   * @param mark where it begins, in whatever the ledger counts its timeline: a slice that begins at
   *     the mark at which another ended adjoins it
   * @param untilMark where it ends
   */
  record Slice(Key key, double fromMs, double untilMs, long mark, long untilMark) {}

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
   * @return how many were taken, 0 if the day is spent
   */
  Future<Long> takeDay(long day, long units, long limit);

  /** Remembers that a bucket is closed; only a later instant than the known one counts. */
  Future<Void> close(Closed closed);

  /** The buckets that are closed now. */
  Future<List<Closed>> closed();
}
