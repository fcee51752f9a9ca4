package io.millrace.limit;

import java.time.Duration;

/**
 * How many runs of a kind may be under way at once, learnt from how they end.
 *
 * <p>Runs are judged a sample at a time, when enough have ended and the last change has had its
 * effect. More than {@code high} failed: two fewer. Fewer than {@code low} failed, the mean run was
 * short, and so many were really under way: one more. In between nothing changes.
 *
 * <p>Two rules keep it from the loop in which fewer runs make more errors that make fewer runs.
 * Evidence is used once, and only a run that began after the last change is evidence, so a burst
 * that was under way together takes two off and not twenty. And below the limit it began with, the
 * way back asks for few errors only: a kind that is slow or idle by nature comes back as well.
 *
 * <p>Pure: instants are nanoseconds of one monotonic clock. Not thread-safe.
 */
public final class AdaptiveConcurrency {
  /** A mean run longer than this is a sign of too many at once rather than too few. */
  static final long SHORT_RUN_NANOS = Duration.ofSeconds(10).toNanos();

  private static final int STEP_DOWN = 2;

  private final ConcurrencySettings settings;
  private final long cooldownNanos;
  private int limit;
  private String why = "to begin with";
  private boolean changed;
  private long changedAt;
  private int runs;
  private int failures;
  private double runNanos;
  private int busiest;

  /** Begins at the initial limit. */
  public AdaptiveConcurrency(ConcurrencySettings settings) {
    this.settings = settings;
    this.cooldownNanos = settings.cooldown().toNanos();
    this.limit = settings.initial();
  }

  /** The limit in force. */
  public int limit() {
    return limit;
  }

  /** What led to the limit in force, in a few words for a person. */
  public String why() {
    return why;
  }

  /**
   * Takes in a run that has ended.
   *
   * @param failed whether it failed in a way that fewer runs at once might have prevented
   * @param run how long it took, in nanoseconds
   * @param busy how many were under way, it included
   * @return the limit from here on
   */
  public int sample(boolean failed, long run, int busy, long now) {
    if (changed && now - run - changedAt < 0) {
      return limit;
    }
    runs++;
    failures += failed ? 1 : 0;
    runNanos += run;
    busiest = Math.max(busiest, busy);
    if (runs >= settings.minSample() && (!changed || now - changedAt >= cooldownNanos)) {
      judge(now);
    }
    return limit;
  }

  private void judge(long now) {
    double rate = (double) failures / runs;
    double mean = runNanos / runs;
    if (rate > settings.high()) {
      change(Math.max(settings.min(), limit - STEP_DOWN), "%.0f %% of %d runs failed", rate, now);
    } else if (rate < settings.low() && limit < settings.initial()) {
      change(limit + 1, "only %.0f %% of %d runs failed, on the way back", rate, now);
    } else if (rate < settings.low() && mean < SHORT_RUN_NANOS && busiest >= limit) {
      change(Math.min(settings.max(), limit + 1), "only %.0f %% of %d runs failed", rate, now);
    }
    runs = 0;
    failures = 0;
    runNanos = 0;
    busiest = 0;
  }

  private void change(int to, String words, double rate, long now) {
    if (to != limit) {
      limit = to;
      why = words.formatted(100 * rate, runs);
      changed = true;
      changedAt = now;
    }
  }
}
