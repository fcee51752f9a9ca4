package io.millrace.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The job engine of one process: a claimer, and event loops on which its runs live. */
public final class Engine {
  /** Published when there may be new work; says nothing more. */
  public static final String WAKE = "millrace.job.wake";

  private final Vertx vertx;
  private final String claimer;

  private Engine(Vertx vertx, String claimer) {
    this.vertx = vertx;
    this.claimer = claimer;
  }

  /**
   * Starts claiming jobs of the kinds that the handlers know.
   *
   * @param runners event loops for runs, at least 1
   * @param random where jitter comes from; used by several threads
   */
  public static Future<Engine> start(
      Vertx vertx,
      EngineSettings settings,
      Database database,
      List<JobHandler<?>> handlers,
      int runners,
      InstantSource clock,
      RandomGenerator random) {
    Map<String, JobHandler<?>> byKind = new LinkedHashMap<>();
    handlers.forEach(h -> byKind.put(h.kind(), h));
    Jobs jobs = new Jobs(database.pool(), new Kinds(database.pool()));
    List<Context> contexts = Collections.synchronizedList(new ArrayList<>());
    List<Future<String>> deployed = new ArrayList<>();
    for (int i = 0; i < runners; i++) {
      Runner runner = new Runner();
      deployed.add(vertx.deployVerticle(runner).onSuccess(id -> contexts.add(runner.loop())));
    }
    return Future.all(deployed)
        .compose(
            v ->
                vertx.deployVerticle(
                    new Claimer(
                        settings,
                        database.pool(),
                        jobs,
                        new Workers(database.pool()),
                        database.exclusive(),
                        Map.copyOf(byKind),
                        List.copyOf(contexts),
                        new ObjectMapper(),
                        clock,
                        random),
                    new DeploymentOptions()))
        .map(id -> new Engine(vertx, id));
  }

  /** An event loop for runs: a verticle that only lends its context. */
  private static final class Runner extends VerticleBase {
    private Context loop() {
      return context;
    }
  }

  /** Stops claiming and waits, within bounds, until what runs has yielded. */
  public Future<Void> stop() {
    return vertx.undeploy(claimer);
  }
}
