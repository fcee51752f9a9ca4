package io.millrace.engine;

import io.millrace.store.Controls;
import io.millrace.store.DeadFilter;
import io.millrace.store.DeadLetters;
import io.millrace.store.JobFilter;
import io.millrace.store.Jobs;
import io.millrace.store.Operations;
import io.millrace.store.Redrives;
import io.millrace.store.Scope;
import io.millrace.store.WaitReasons;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.util.function.Function;

/**
 * What an operator may do, with what has to follow in the processes: after each commit those who
 * run the job, or may run it now, are told. Thread-safe.
 */
public final class Operator {
  private final Vertx vertx;
  private final Jobs jobs;
  private final Enqueuer enqueuer;
  private final Scope scope;
  private final DeadLetters letters;
  private final WaitReasons reasons;

  Operator(Vertx vertx, Pool pool, Jobs jobs, Enqueuer enqueuer) {
    this(
        vertx,
        jobs,
        enqueuer,
        Scope.of(pool),
        new DeadLetters(pool, jobs.kinds()),
        new WaitReasons(pool));
  }

  private Operator(
      Vertx vertx,
      Jobs jobs,
      Enqueuer enqueuer,
      Scope scope,
      DeadLetters letters,
      WaitReasons reasons) {
    this.vertx = vertx;
    this.jobs = jobs;
    this.enqueuer = enqueuer;
    this.scope = scope;
    this.letters = letters;
    this.reasons = reasons;
  }

  /** The same whose every change is made in a scope, such as one that keeps account of it. */
  public Operator within(Scope other) {
    return new Operator(vertx, jobs, enqueuer, other, letters, reasons);
  }

  private Operations operations(Pool pool) {
    return new Operations(pool, jobs.kinds());
  }

  /** Cancels a job for good; a running one is told to stop wherever it runs. */
  public Future<Operations.Cancel> cancel(long user, long id, String reason) {
    return scope
        .run(p -> operations(p).cancel(user, id, reason))
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
    return scope
        .run(p -> operations(p).cancelSome(filter, after, most, reason))
        .onSuccess(
            step -> step.stopping().forEach(id -> vertx.eventBus().publish(Engine.CANCEL, id)))
        .compose(step -> jobs.endings().cascade().map(step));
  }

  /** See {@link Operations#hurry}. */
  public Future<Boolean> hurry(long user, long id) {
    return awake(p -> operations(p).hurry(user, id));
  }

  /** Removes a letter for good; answers false if there is none. */
  public Future<Boolean> purge(long user, long id) {
    return scope.run(p -> new DeadLetters(p, jobs.kinds()).purge(user, id));
  }

  /** One bounded step of a purge of many; see {@link DeadLetters#purgeSome}. */
  public Future<Integer> purgeSome(DeadFilter filter, int most) {
    return scope.run(p -> new DeadLetters(p, jobs.kinds()).purgeSome(filter, most));
  }

  /** See {@link Operations#reprioritise}. */
  public Future<String> reprioritise(long user, long id, int priority) {
    return awake(p -> operations(p).reprioritise(user, id, priority));
  }

  /** See {@link Controls#pauseKind}. */
  public Future<Boolean> pauseKind(String kind, boolean paused) {
    return awake(p -> new Controls(p).pauseKind(kind, paused));
  }

  /** See {@link Controls#pauseQueue}. */
  public Future<Boolean> pauseQueue(String queue, boolean paused) {
    return awake(p -> new Controls(p).pauseQueue(queue, paused));
  }

  /** See {@link Controls#limitKind}. */
  public Future<Boolean> limitKind(String kind, Controls.KindLimits limits) {
    return awake(p -> new Controls(p).limitKind(kind, limits));
  }

  /** See {@link Controls#limitQueue}. */
  public Future<Boolean> limitQueue(String queue, Integer running) {
    return awake(p -> new Controls(p).limitQueue(queue, running));
  }

  /** See {@link Controls#limitKey}. */
  public Future<Boolean> limitKey(String key, Integer running) {
    return awake(p -> new Controls(p).limitKey(key, running));
  }

  private <T> Future<T> awake(Function<Pool, Future<T>> change) {
    return scope.run(change).onSuccess(v -> vertx.eventBus().publish(Engine.WAKE, ""));
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
                        .compose(
                            v ->
                                scope.run(
                                    p ->
                                        new DeadLetters(p, jobs.kinds()).edit(user, id, payload))));
  }

  /** See {@link Redrives#redrive}. */
  public Future<Redrives.Result> redrive(long user, long id) {
    return awake(p -> new Redrives(p, jobs).redrive(user, id));
  }

  /** One bounded step of a redrive of many; see {@link Redrives#redriveSome}. */
  public Future<Redrives.Result> redriveSome(DeadFilter filter, DeadLetters.Place after, int most) {
    return awake(p -> new Redrives(p, jobs).redriveSome(filter, after, most));
  }

  /** Why a job waits. */
  public WaitReasons reasons() {
    return reasons;
  }
}
