package io.millrace.engine;

import io.millrace.store.Misfire;
import io.millrace.store.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which runs of a due schedule are enqueued now, and when it is due again: the misfire policy.
 * Pure.
 *
 * @param due what is due
 * @param at the due times of the runs, in order; may be empty
 * @param next null for never again
 * @param passedOver whether there are due times without a run of their own
 */
record DueRuns(Schedules.Due due, List<Instant> at, Instant next, boolean passedOver) {
  /** The most runs that are made up for. */
  static final int MOST = 1_000;

  /** A run that is later than this was missed. */
  static final Duration ON_TIME = Duration.ofSeconds(60);

  /**
   * Takes about 0.1 ms for each due time of a cron expression, so up to 0.1 s.
   *
   * @throws IllegalArgumentException if the schedule cannot be read
   */
  static DueRuns of(Schedules.Due due) {
    Times times =
        new Times(
            Recurrence.parse(due.schedule().spec(), due.schedule().zone()),
            due.anchor(),
            due.now());
    List<Instant> at =
        switch (due.schedule().misfire()) {
          case SKIP -> times.onTime(due.at());
          case ONCE -> List.of(due.at());
          case ALL -> times.from(due.at(), MOST);
        };
    boolean passedOver =
        due.schedule().misfire() == Misfire.SKIP
            ? !at.equals(List.of(due.at()))
            : times.isDue(times.after(at.get(at.size() - 1)));
    return new DueRuns(due, at, times.after(due.now()), passedOver);
  }

  private record Times(Recurrence recurrence, Instant anchor, Instant now) {
    private Instant after(Instant instant) {
      return recurrence.after(instant, anchor).orElse(null);
    }

    private boolean isDue(Instant instant) {
      return instant != null && !instant.isAfter(now);
    }

    private List<Instant> from(Instant first, int most) {
      List<Instant> due = new ArrayList<>();
      for (Instant at = first; isDue(at) && due.size() < most; at = after(at)) {
        due.add(at);
      }
      return due;
    }

    /** The newest, if it is not too late for it. */
    private List<Instant> onTime(Instant first) {
      Instant limit = now.minus(ON_TIME);
      Instant begin = first.isBefore(limit) ? after(limit) : first;
      List<Instant> due = from(begin, MOST);
      return due.isEmpty() ? due : List.of(due.get(due.size() - 1));
    }
  }
}
