package io.millrace.engine;

import io.millrace.store.Jobs;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What all runs of a process share.
 *
 * @param progress where a run's progress is kept
 * @param random where jitter comes from; used by several threads
 */
record RunTools(
    Vertx vertx,
    EngineSettings settings,
    Pool pool,
    Jobs jobs,
    Enqueuer enqueuer,
    Progress.Sink progress,
    HandlerThreads threads,
    RunWatch watch,
    InstantSource clock,
    RandomGenerator random) {}
