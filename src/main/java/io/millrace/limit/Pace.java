package io.millrace.limit;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How much of a limit is really there: less than all of it while another client, of whom the ledger
 * knows nothing, spends the same quota.
 *
 * <p>A refusal that comes while the ledger shows headroom is a measurement: what was spent here in
 * the window before it is what the other one had left. Of what other processes of ours spent this
 * one sees only that they leased: it takes them to have spent as it did in its own part, and all of
 * them come to the same share. The share goes down to a little less than was left, though never to
 * less than half at once, stays there for a window, and then comes back: by a hundredth of the
 * limit at first, twice as fast after each further window, so that a steady companion is met rarely
 * and one that has gone is forgotten in a few windows. Refusals that belong together count once.
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

  /** How much of the share one refusal leaves at least: it may have met a short burst. */
  private static final double LEAST_LEFT = 0.5;

  /** A smaller part of the timeline than this tells too little of the rest of it. */
  private static final double LEAST_PART = 0.05;

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
    double share = share(now);
    double left = spentInWindow(now) / (limit * part(now));
    cutTo = Math.max(FLOOR, MARGIN * Math.max(LEAST_LEFT * share, Math.min(share, left)));
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

  /** Which part of the timeline was this process's, since it had any of it in this window. */
  private double part(long now) {
    long since = now - windowNanos;
    long begin = now;
    long own = 0;
    for (Piece piece : leased) {
      long within = piece.within(since, now);
      if (within > 0) {
        begin = Math.min(begin, Math.max(since, piece.from()));
        own += within;
      }
    }
    return own == 0 ? 1 : Math.max(LEAST_PART, (double) own / (now - begin));
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
