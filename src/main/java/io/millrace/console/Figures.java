package io.millrace.console;

import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reads what is committed, for everyone who watches. Fails in time if the database does not answer.
 * Belongs to one event loop.
 */
final class Figures {
  /** Jobs of each state that are looked at to tell how many are left. */
  private static final int LOOKED_AT = 5_000;

  private final Mailboxes mailboxes;
  private final Jobs jobs;
  private final ConsoleLimits limits;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final SharedRead<Snapshot> snapshots;
  private final SharedRead<List<Mailboxes.State>> probes;
  private Snapshot latest;
  private long latestAt;

  Figures(
      Mailboxes mailboxes,
      Jobs jobs,
      ConsoleLimits limits,
      InstantSource clock,
      LongSupplier nanos) {
    this.mailboxes = mailboxes;
    this.jobs = jobs;
    this.limits = limits;
    this.clock = clock;
    this.nanos = nanos;
    this.snapshots = new SharedRead<>(this::query, limits.databaseMs(), nanos);
    this.probes = new SharedRead<>(() -> mailboxes.states(1), limits.databaseMs(), nanos);
  }

  /** What is committed now. */
  Future<Snapshot> read() {
    return snapshots.get();
  }

  /** What was committed a moment ago at the latest: requests cannot press the database. */
  Future<Snapshot> recent() {
    long age = nanos.getAsLong() - latestAt;
    return latest != null && age < TimeUnit.MILLISECONDS.toNanos(limits.tickMs())
        ? Future.succeededFuture(latest)
        : read();
  }

  /** Succeeds if the database answers and has our tables. */
  Future<Void> answers() {
    return probes.get().mapEmpty();
  }

  private Future<Snapshot> query() {
    return mailboxes
        .states(limits.counted() + 1)
        .compose(
            all -> {
              boolean atLeast = all.size() > limits.counted();
              List<Mailboxes.State> states = atLeast ? all.subList(0, limits.counted()) : all;
              return jobs.left(states.stream().map(Mailboxes.State::user).toList(), LOOKED_AT)
                  .map(left -> Snapshot.of(clock.instant(), states, atLeast, left, limits.shown()));
            })
        .onSuccess(
            snapshot -> {
              latest = snapshot;
              latestAt = nanos.getAsLong();
            });
  }
}
