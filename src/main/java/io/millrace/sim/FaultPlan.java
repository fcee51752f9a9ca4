package io.millrace.sim;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Says which fault meets whom. A pure function of seed, user, subject and attempt, so that a run
 * can be repeated: no order of arrival and no shared source of randomness comes in.
 */
final class FaultPlan {
  static final List<String> NAMES = List.of("none", "mild", "harsh");

  /** After so many faults in a row a subject is left alone: a client that retries must win. */
  static final int MOST_IN_A_ROW = 3;

  private final long seed;
  private final String level;
  private final Map<FaultKind.Where, List<FaultKind>> kinds = new EnumMap<>(FaultKind.Where.class);

  FaultPlan(long seed, String level) {
    this.seed = Hash.of(seed, 0xFA017L);
    this.level = level;
    for (FaultKind.Where where : FaultKind.Where.values()) {
      kinds.put(
          where, Arrays.stream(FaultKind.values()).filter(kind -> kind.where == where).toList());
    }
  }

  boolean active() {
    return !level.equals("none");
  }

  /** The fault of this kind of place at this attempt (from 0), or null. */
  FaultKind pick(FaultKind.Where where, long user, long subject, int attempt) {
    if (!active() || attempt >= MOST_IN_A_ROW) {
      return null;
    }
    long hash = Hash.of(Hash.of(seed, user, subject), where.name().hashCode() * 1000L + attempt);
    double left = Hash.unit(hash);
    for (FaultKind kind : kinds.get(where)) {
      left -= probability(kind);
      if (left < 0) {
        return kind;
      }
    }
    return null;
  }

  /** How the message is impossible to fetch, for good, or null. */
  FaultKind forGood(long user, long id) {
    return pick(FaultKind.Where.FOR_GOOD, user, id, 0);
  }

  /** How many new messages come to a mailbox while it is read. */
  int arrivals(long user) {
    return switch (level) {
      case "mild" -> Hash.below(Hash.of(seed, user, 77), 3);
      case "harsh" -> 1 + Hash.below(Hash.of(seed, user, 77), 5);
      default -> 0;
    };
  }

  /** At which of the mailbox's message gets a new message comes. */
  long arrivalAt(long user, int number, int messages) {
    return 1L + Hash.below(Hash.of(seed, user, 78L + number), Math.max(1, messages));
  }

  /** A repeatable choice below a bound that goes with a fault. */
  int detail(long subject, int bound) {
    return Hash.below(Hash.of(seed, subject, 99), bound);
  }

  private double probability(FaultKind kind) {
    return level.equals("mild") ? kind.mild : kind.harsh;
  }
}
