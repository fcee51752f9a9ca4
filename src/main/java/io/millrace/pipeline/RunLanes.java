package io.millrace.pipeline;

import io.millrace.engine.JobTransaction;
import io.millrace.google.MessageFormat;
import io.millrace.store.SyncRuns;
import io.vertx.core.Future;

/**
 * The lanes that a run goes through: a full run those that it began with, whatever is configured by
 * now; a delta those that are configured. Used on the run's context.
 */
final class RunLanes {
  private final SyncRuns runs;
  private final Lanes configured;
  private final Lanes kept;
  private Lanes current;

  /**
   * @param kept JSON of the last full run's; null if it had none
   * @param format of runs that began before there were lanes
   */
  RunLanes(SyncRuns runs, Lanes configured, String kept, MessageFormat format) {
    this.runs = runs;
    this.configured = configured;
    this.kept = kept == null ? Lanes.everything(format) : Lanes.parsed(kept);
    this.current = configured;
  }

  Lanes current() {
    return current;
  }

  /** Whether the last full run listed other messages than are wanted now. */
  boolean outdated() {
    return !kept.listsLike(configured);
  }

  /** Goes on with the last full run. */
  void resume() {
    current = kept;
  }

  /** A run begins. */
  Future<Void> begin(JobTransaction tx, long user, long run) {
    current = configured;
    return runs.lanes(tx.connection(), user, run, configured.json());
  }
}
