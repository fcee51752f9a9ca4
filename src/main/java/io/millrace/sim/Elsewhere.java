package io.millrace.sim;

import io.vertx.core.Vertx;

/**
 * The client that nobody told us of: spends a share of each user's quota on gets of its own, at
 * intervals that are random but repeatable, and is refused as anybody else.
 *
 * <p>Where all users together would go over the project's limit, its share is one of that.
 */
final class Elsewhere {
  private static final long TICK_MS = 10;

  private final World world;
  private final double meanNanos;
  private final long[] due;
  private final Draw[] draws;

  private Elsewhere(World world, double share) {
    this.world = world;
    Quota quota = world.quota();
    int users = world.mailboxes().size();
    double perMinute =
        share
            * Math.min(
                (double) quota.profile().userMinute(),
                (double) quota.profile().projectMinute() / users);
    this.meanNanos =
        (double) quota.clock().span(60) * quota.profile().units(ApiMethod.MESSAGES_GET) / perMinute;
    this.due = new long[users];
    this.draws = new Draw[users];
    for (int i = 0; i < users; i++) {
      draws[i] = new Draw(Hash.of(world.options().seed(), 0xE15E, i));
      due[i] = quota.clock().now() + interval(i);
    }
  }

  /** Begins, if there is to be one. */
  static void begin(Vertx vertx, World world) {
    double share = world.options().elsewhere();
    if (share > 0 && world.quota().profile().limited()) {
      Elsewhere client = new Elsewhere(world, share);
      vertx.setPeriodic(TICK_MS, id -> client.tick());
    }
  }

  private void tick() {
    long now = world.quota().clock().now();
    for (int i = 0; i < due.length; i++) {
      while (due[i] - now <= 0) {
        world.quota().callElsewhere(world.mailboxes().get(i).quota(), ApiMethod.MESSAGES_GET);
        due[i] += interval(i);
      }
    }
  }

  /** From nothing to twice the mean. */
  private long interval(int user) {
    return (long) (2 * meanNanos * Hash.unit(draws[user].next()));
  }
}
