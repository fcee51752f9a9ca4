package io.millrace.limit;

import java.util.HashMap;
import java.util.Map;

/**
 * Divides what all users share, in units and by weight, among those that ask for it.
 *
 * <p>A form of start-time fair queueing without a queue (Goyal, Vin and Cheng, 1996): virtual time
 * is what an asker of weight 1 should have got by now, and each asker's tag what it did get, by its
 * weight. Who is ahead by more than a quantum is told how long the others will take to draw level;
 * who was away comes back with a small credit and not with all that it missed. Nobody is held back
 * while there is enough for all: that is for the caller to see.
 *
 * <p>Pure: instants are nanoseconds of one monotonic clock. Not thread-safe.
 */
final class FairShare {
  private static final class Member {
    double tag;
    double weight;
    long seen;
  }

  private static final double QUANTUM = 40;
  private static final double CREDIT = 200;
  private static final double FRONT_SHARE = 0.05;

  private final long idleNanos;
  private final Map<Long, Member> members = new HashMap<>();
  private double virtual;
  private double weights;
  private double front;
  private long swept;

  /**
   * @param idleNanos who has not asked for so long does not count any more
   */
  FairShare(long idleNanos) {
    this.idleNanos = idleNanos;
  }

  /** Somebody asks; gives how many units it may have before the others must have theirs. */
  long due(long user, double weight, long now) {
    Member member = members.get(user);
    if (member == null) {
      member = new Member();
      member.tag = virtual;
      members.put(user, member);
    }
    weights += weight - member.weight;
    member.weight = weight;
    member.seen = now;
    if (now - swept > idleNanos / 4) {
      sweep(now);
    }
    // What was had while there was enough for all is soon forgotten, and so is what was not had.
    member.tag = Math.min(Math.max(member.tag, virtual - CREDIT), virtual + CREDIT);
    return (long) Math.floor((virtual + QUANTUM - member.tag) * member.weight);
  }

  /** How many units all together will have been given when this user is due so many. */
  double behind(long user, long units) {
    Member member = members.get(user);
    return (member.tag + units / member.weight - QUANTUM - virtual) * weights;
  }

  /**
   * How many units all together will have been given before this user's turn among those that are
   * due: who got least goes first. As far behind as those are who were served lately is the front.
   */
  double before(long user) {
    Member member = members.get(user);
    return member == null ? 0 : Math.max(0, (member.tag - virtual - front) * weights);
  }

  /** It got so many. */
  void took(long user, long units) {
    Member member = members.get(user);
    front += FRONT_SHARE * (member.tag - virtual - front);
    member.tag += units / member.weight;
    virtual += units / weights;
  }

  private void sweep(long now) {
    swept = now;
    members
        .values()
        .removeIf(
            member -> {
              boolean gone = now - member.seen > idleNanos;
              weights -= gone ? member.weight : 0;
              return gone;
            });
  }
}
