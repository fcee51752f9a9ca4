package io.millrace.engine;

import io.millrace.store.Controls;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Schedule;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The job engine of one process: a claimer, and event loops on which its runs live. */
public final class Engine {
  /** Published when there may be new work; says nothing more. */
  public static final String WAKE = "millrace.job.wake";

  /** Published with a job's id (a Long) when a running job is cancelled; a hint to look now. */
  public static final String CANCEL = "millrace.job.cancel";

  private final Vertx vertx;
  private final String claimer;
  private final String scheduler;
  private final Enqueuer enqueuer;
  private final Listener listener;

  private Engine(
      Vertx vertx, String claimer, String scheduler, Enqueuer enqueuer, Listener listener) {
    this.vertx = vertx;
    this.claimer = claimer;
    this.scheduler = scheduler;
    this.enqueuer = enqueuer;
    this.listener = listener;
  }

  /**
   * Starts claiming jobs of the kinds that the handlers know: those given, and those that {@link
   * java.util.ServiceLoader} finds.
   *
   * @param runners event loops for runs, at least 1
   * @param slots how many more of a kind may be claimed; asked on the claimer's event loop
   * @param schedules to be defined at the start; others that the database knows stay
   * @param random where jitter comes from; used by several threads
   * @return fails with {@link IllegalArgumentException} if two handlers are for one kind, or one
   *     cannot be used as it is
   */
  public static Future<Engine> start(
      Vertx vertx,
      EngineSettings settings,
      Database database,
      List<JobHandler<?>> handlers,
      int runners,
      Slots slots,
      List<Schedule> schedules,
      InstantSource clock,
      RandomGenerator random) {
    Map<String, KnownKind<?>> kinds;
    try {
      kinds = KnownKind.found(handlers);
      HandlerThreads threads = new HandlerThreads(vertx, settings);
      kinds.values().forEach(known -> threads.check(known.handler()));
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(e);
    }
    Jobs jobs = new Jobs(database.enginePool(), new Kinds(database.enginePool()));
    Listener listener = new Listener(vertx, database.subscriber());
    Enqueuer enqueuer = new Enqueuer(vertx, database.pool(), jobs, kinds);
    List<Context> contexts = Collections.synchronizedList(new ArrayList<>());
    List<Future<String>> deployed = new ArrayList<>();
    for (int i = 0; i < runners; i++) {
      Runner runner = new Runner();
      deployed.add(vertx.deployVerticle(runner).onSuccess(id -> contexts.add(runner.loop())));
    }
    return Future.all(deployed)
        .compose(v -> new Controls(database.pool()).define(settings.limits()))
        .compose(
            v ->
                vertx.deployVerticle(
                    new Claimer(
                        settings,
                        database.pool(),
                        jobs,
                        new Workers(database.enginePool()),
                        database.exclusive(),
                        kinds,
                        List.copyOf(contexts),
                        enqueuer,
                        slots,
                        clock,
                        random),
                    new DeploymentOptions()))
        .compose(
            id ->
                vertx
                    .deployVerticle(
                        new Scheduler(
                            database.enginePool(),
                            jobs,
                            kinds.keySet(),
                            schedules,
                            settings.poll()))
                    .compose(
                        scheduler ->
                            listener
                                .start()
                                .map(new Engine(vertx, id, scheduler, enqueuer, listener)))
                    .recover(
                        e ->
                            vertx
                                .undeploy(id)
                                .eventually(() -> Future.failedFuture(e))
                                .mapEmpty()));
  }

  /** The same with the slots as they are configured, and no schedules. */
  public static Future<Engine> start(
      Vertx vertx,
      EngineSettings settings,
      Database database,
      List<JobHandler<?>> handlers,
      int runners,
      InstantSource clock,
      RandomGenerator random) {
    return start(
        vertx,
        settings,
        database,
        handlers,
        runners,
        Slots.fixed(settings),
        List.of(),
        clock,
        random);
  }

  /** The way in for new jobs. */
  public Enqueuer enqueuer() {
    return enqueuer;
  }

  /** An event loop for runs: a verticle that only lends its context. */
  private static final class Runner extends VerticleBase {
    private Context loop() {
      return context;
    }
  }

  /**
   * Stops claiming and waits, within bounds, until what runs has yielded. What cannot be written by
   * then, because the database is away, is said in the log; others take it back later.
   */
  public Future<Void> stop() {
    return Future.join(vertx.undeploy(scheduler), vertx.undeploy(claimer), listener.stop())
        .mapEmpty();
  }
}
