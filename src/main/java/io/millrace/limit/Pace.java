package io.millrace.limit;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How much of a limit is really there: less than all of it while another client, of whom the ledger
 * knows nothing, spends the same quota.
 *
 * <p>A refusal that comes while the ledger shows headroom is a measurement: what was spent here in
 * the window before it, for the part of it that was leased by this process since there was
 * spending, is what the other one had left. What was leased by other processes of ours they spent;
 * each of them measures by its own part, and all come to the same share. The share goes down to a
 * little less than that, stays there for a window, and then comes back: by a hundredth of the limit
 * at first, twice as fast after each further window, so that a steady companion is met rarely and
 * one that has gone is forgotten in a few windows. Refusals that belong together count once.
 *
 * <p>Pure: instants are nanoseconds of one monotonic clock. Not thread-safe.
 */
final class Pace {
  private static final int SLOTS = 60;
  private static final double FLOOR = 0.1;
  private static final double MARGIN = 0.95;
  private static final double FIRST_STEP = 0.01;

  /** A share of the limit up to which a refusal cannot be our own doing. */
  private static final double HEADROOM = 0.95;

  /** A shorter time than this share of a window tells too little to be extrapolated. */
  private static final double LEAST_SPAN = 0.05;

  private static final int WINDOWS_AHEAD = 4;

  /** Of the bucket's timeline, this process's own. */
  private record Piece(long from, long until) {
    long within(long since, long now) {
      return Math.max(0, Math.min(until, now) - Math.max(from, since));
    }
  }

  private final long limit;
  private final long windowNanos;
  private final long slotNanos;
  private final int[] spent = new int[SLOTS];
  private final Deque<Piece> leased = new ArrayDeque<>();
  private long slot = Long.MIN_VALUE;
  private double cutTo = 1;
  private long cutAt;
  private boolean cut;
  private boolean repeated;

  /**
   * @param limit units in a window
   * @param windowNanos the window's length
   */
  Pace(long limit, long windowNanos) {
    this.limit = Math.max(1, limit);
    this.windowNanos = windowNanos;
    this.slotNanos = Math.max(1, windowNanos / SLOTS);
  }

  /**
   * Takes note of a piece of the timeline that only this process spends from, or rests in; pieces
   * come in the order of their beginnings.
   */
  void lease(long from, long until) {
    while (!leased.isEmpty() && leased.getFirst().until() < from - windowNanos) {
      leased.removeFirst();
    }
    boolean adjoins = !leased.isEmpty() && from <= leased.getLast().until();
    Piece last = adjoins ? leased.removeLast() : new Piece(from, from);
    leased.add(new Piece(last.from(), Math.max(last.until(), until)));
  }

  /** Counts units that are being spent. */
  void spend(long units, long now) {
    move(now);
    spent[(int) Math.floorMod(slot, (long) SLOTS)] += (int) units;
  }

  /** The share of the limit that may be spent, above 0 and at most 1. */
  double share(long now) {
    if (!cut) {
      return 1;
    }
    double windows = (double) (now - cutAt) / windowNanos;
    double share = cutTo + (windows <= 1 ? 0 : FIRST_STEP * (Math.pow(2, windows - 1) - 1));
    if (share >= 1) {
      cut = false;
      return 1;
    }
    return share;
  }

  /**
   * Takes in a refusal.
   *
   * @return whether it was news, and the share is another now
   */
  boolean refused(long now) {
    if (cut && now - cutAt < windowNanos / 20) {
      return false;
    }
    double left = spentInWindow(now) / (limit * span(now));
    cutTo = Math.max(FLOOR, Math.min(share(now), left) * MARGIN);
    repeated = cut && now - cutAt < windowNanos;
    cut = true;
    cutAt = now;
    return true;
  }

  /**
   * When to go on after a refusal. The window is full to the brim: a part of it has to leave. After
   * one refusal, which may be a whim, that is soon; after another within a window it is when a part
   * of what was spent here has left, which takes long where all of it was spent lately. So few are
   * refused however it began, and Google does not shut the user out.
   */
  long roomAt(long now) {
    long soon = now + windowNanos / 40;
    if (!repeated) {
      return soon;
    }
    double enough = (1 - MARGIN) * spentInWindow(now);
    long left = 0;
    long s = slot - SLOTS;
    do {
      s++;
      left += spent[(int) Math.floorMod(s, (long) SLOTS)];
    } while (left < enough && s < slot);
    return Math.max(soon, (s + 1) * slotNanos + windowNanos);
  }

  /** Whether what was spent here does not explain a refusal. */
  boolean headroom(long now) {
    return spentInWindow(now) < HEADROOM * limit;
  }

  /** After a time without any call: a quarter at first, all of it some windows later. */
  void reenter(long at) {
    cutTo = Math.min(0.25, share(at));
    cut = true;
    cutAt = at - WINDOWS_AHEAD * windowNanos;
  }

  /** Which share of the window before now was this process's to spend, since it began to. */
  private double span(long now) {
    long since = now - windowNanos;
    for (long s = slot - SLOTS + 1; s <= slot; s++) {
      if (spent[(int) Math.floorMod(s, (long) SLOTS)] > 0) {
        since = Math.max(since, s * slotNanos);
        break;
      }
    }
    long own = 0;
    for (Piece piece : leased) {
      own += piece.within(since, now);
    }
    return Math.max(LEAST_SPAN, Math.min(1, (double) own / windowNanos));
  }

  private long spentInWindow(long now) {
    move(now);
    long sum = 0;
    for (int units : spent) {
      sum += units;
    }
    return sum;
  }

  private void move(long now) {
    long current = Math.floorDiv(now, slotNanos);
    for (long s = Math.max(slot + 1, current - SLOTS + 1); s <= current; s++) {
      spent[(int) Math.floorMod(s, (long) SLOTS)] = 0;
    }
    slot = Math.max(slot, current);
  }
}
