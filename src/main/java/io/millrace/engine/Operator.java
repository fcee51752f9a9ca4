package io.millrace.engine;

import io.millrace.store.Controls;
import io.millrace.store.DeadFilter;
import io.millrace.store.DeadLetters;
import io.millrace.store.JobFilter;
import io.millrace.store.Jobs;
import io.millrace.store.Operations;
import io.millrace.store.Redrives;
import io.millrace.store.WaitReasons;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.util.function.Supplier;

/**
 * What an operator may do, with what has to follow in the processes: after each commit those who
 * run the job, or may run it now, are told. Thread-safe.
 */
public final class Operator {
  private final Vertx vertx;
  private final Jobs jobs;
  private final Enqueuer enqueuer;
  private final Operations operations;
  private final Controls controls;
  private final DeadLetters letters;
  private final Redrives redrives;
  private final WaitReasons reasons;

  Operator(Vertx vertx, Pool pool, Jobs jobs, Enqueuer enqueuer) {
    this.vertx = vertx;
    this.jobs = jobs;
    this.enqueuer = enqueuer;
    this.operations = new Operations(pool, jobs.kinds());
    this.controls = new Controls(pool);
    this.letters = new DeadLetters(pool, jobs.kinds());
    this.redrives = new Redrives(pool, jobs);
    this.reasons = new WaitReasons(pool);
  }

  /** Cancels a job for good; a running one is told to stop wherever it runs. */
  public Future<Operations.Cancel> cancel(long user, long id, String reason) {
    return operations
        .cancel(user, id, reason)
        .onSuccess(
            found -> {
              if (found == Operations.Cancel.STOPPING) {
                vertx.eventBus().publish(Engine.CANCEL, id);
              }
            })
        .compose(found -> jobs.endings().cascade().map(found));
  }

  /** One bounded step of a cancel of many; see {@link Operations#cancelSome}. */
  public Future<Operations.Step> cancelSome(JobFilter filter, long after, int most, String reason) {
    return operations
        .cancelSome(filter, after, most, reason)
        .onSuccess(
            step -> step.stopping().forEach(id -> vertx.eventBus().publish(Engine.CANCEL, id)))
        .compose(step -> jobs.endings().cascade().map(step));
  }

  /** See {@link Operations#reprioritise}. */
  public Future<String> reprioritise(long user, long id, int priority) {
    return awake(() -> operations.reprioritise(user, id, priority));
  }

  /** See {@link Controls#pauseKind}. */
  public Future<Boolean> pauseKind(String kind, boolean paused) {
    return awake(() -> controls.pauseKind(kind, paused));
  }

  /** See {@link Controls#pauseQueue}. */
  public Future<Boolean> pauseQueue(String queue, boolean paused) {
    return awake(() -> controls.pauseQueue(queue, paused));
  }

  /** See {@link Controls#limitKind}. */
  public Future<Boolean> limitKind(String kind, Controls.KindLimits limits) {
    return awake(() -> controls.limitKind(kind, limits));
  }

  /** See {@link Controls#limitQueue}. */
  public Future<Boolean> limitQueue(String queue, Integer running) {
    return awake(() -> controls.limitQueue(queue, running));
  }

  /** See {@link Controls#limitKey}. */
  public Future<Boolean> limitKey(String key, Integer running) {
    return awake(() -> controls.limitKey(key, running));
  }

  private <T> Future<T> awake(Supplier<Future<T>> change) {
    return change.get().onSuccess(v -> vertx.eventBus().publish(Engine.WAKE, ""));
  }

  /** To list, read and purge dead letters. */
  public DeadLetters letters() {
    return letters;
  }

  /**
   * Sets the payload that a redrive will use, if the letter's kind takes it.
   *
   * @return false if there is no such letter or it was redriven; fails with {@link
   *     PayloadException} if the kind does not take it
   */
  public Future<Boolean> edit(long user, long id, String payload) {
    return letters
        .read(user, id)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(false)
                    : enqueuer
                        .validate(found.get().letter().kind(), payload)
                        .compose(v -> letters.edit(user, id, payload)));
  }

  /** See {@link Redrives#redrive}. */
  public Future<Redrives.Result> redrive(long user, long id) {
    return awake(() -> redrives.redrive(user, id));
  }

  /** One bounded step of a redrive of many; see {@link Redrives#redriveSome}. */
  public Future<Redrives.Result> redriveSome(DeadFilter filter, DeadLetters.Place after, int most) {
    return awake(() -> redrives.redriveSome(filter, after, most));
  }

  /** Why a job waits. */
  public WaitReasons reasons() {
    return reasons;
  }
}
