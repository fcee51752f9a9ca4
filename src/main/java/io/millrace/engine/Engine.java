package io.millrace.engine;

import io.millrace.limit.LocalCodec;
import io.millrace.store.Controls;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job engine of one process: a claimer, and event loops on which its runs live. */
public final class Engine {
  /** Published when there may be new work; says nothing more. */
  public static final String WAKE = "millrace.job.wake";

  /** Published with a job's id (a Long) when a running job is cancelled; a hint to look now. */
  public static final String CANCEL = "millrace.job.cancel";

  /** Published with a {@link JobsChanged}, at most ten times a second. */
  public static final String CHANGED = "millrace.job.changed";

  /** Published with a {@link CheckFinding} for each check that was run. */
  public static final String CHECK = "millrace.check";

  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  private final Vertx vertx;
  private final List<String> verticles;
  private final Enqueuer enqueuer;
  private final Operator operator;
  private final CheckRunner checks;
  private final Listener listener;
  private final Claimer claimer;
  private final Set<String> kinds;

  private Engine(
      Vertx vertx,
      List<String> verticles,
      Enqueuer enqueuer,
      Operator operator,
      CheckRunner checks,
      Listener listener,
      Claimer claimer,
      Set<String> kinds) {
    this.vertx = vertx;
    this.verticles = verticles;
    this.enqueuer = enqueuer;
    this.operator = operator;
    this.checks = checks;
    this.listener = listener;
    this.claimer = claimer;
    this.kinds = Set.copyOf(kinds);
  }

  /** Lets records of a class go over the bus of this process as they are. */
  static <T> void codec(Vertx vertx, Class<T> type) {
    try {
      vertx.eventBus().registerDefaultCodec(type, new LocalCodec<>(type));
    } catch (IllegalStateException e) {
      log.trace("another engine of this Vertx has registered it: {}", e.getMessage());
    }
  }

  /**
   * Starts claiming jobs of the kinds that the handlers know.
   *
   * @return fails with {@link IllegalArgumentException} if two handlers are for one kind, or one
   *     cannot be used as it is
   */
  public static Future<Engine> start(Vertx vertx, Database database, EngineSetup setup) {
    EngineSettings settings = setup.settings();
    Map<String, KnownKind<?>> kinds;
    try {
      kinds = KnownKind.found(setup.handlers());
      HandlerThreads threads = new HandlerThreads(vertx, settings);
      kinds.values().forEach(known -> threads.check(known.handler()));
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(e);
    }
    Jobs jobs = new Jobs(database.enginePool(), new Kinds(database.enginePool()));
    Listener listener = new Listener(vertx, database.subscriber());
    Enqueuer enqueuer = new Enqueuer(vertx, database.pool(), jobs, kinds);
    Upkeep upkeep = new Upkeep(setup.upkeep(), settings, database.pool(), jobs, kinds.keySet());
    List<Context> contexts = Collections.synchronizedList(new ArrayList<>());
    List<Future<String>> deployed = new ArrayList<>();
    for (int i = 0; i < setup.runners(); i++) {
      Runner runner = new Runner();
      deployed.add(vertx.deployVerticle(runner).onSuccess(id -> contexts.add(runner.loop())));
    }
    enqueuer.observedBy(setup.observer());
    Claimer[] made = new Claimer[1];
    return Future.all(deployed)
        .compose(v -> new Controls(database.pool()).define(settings.limits()))
        .compose(
            v -> {
              made[0] =
                  new Claimer(
                          settings,
                          database.pool(),
                          jobs,
                          new Workers(database.enginePool()),
                          database.exclusive(),
                          kinds,
                          List.copyOf(contexts),
                          enqueuer,
                          setup.slots(),
                          setup.clock(),
                          setup.random())
                      .observedBy(setup.observer());
              return vertx.deployVerticle(made[0], new DeploymentOptions());
            })
        .compose(
            claimer -> {
              List<String> verticles = new ArrayList<>(List.of(claimer));
              return vertx
                  .deployVerticle(
                      new Scheduler(
                          database.enginePool(),
                          jobs,
                          kinds.keySet(),
                          setup.schedules(),
                          settings.poll()))
                  .onSuccess(verticles::add)
                  .compose(v -> vertx.deployVerticle(upkeep))
                  .onSuccess(verticles::add)
                  .compose(v -> listener.start())
                  .map(
                      v ->
                          new Engine(
                              vertx,
                              List.copyOf(verticles),
                              enqueuer,
                              new Operator(vertx, database.pool(), jobs, enqueuer),
                              upkeep,
                              listener,
                              made[0],
                              kinds.keySet()))
                  .recover(
                      e ->
                          Future.join(verticles.stream().map(vertx::undeploy).toList())
                              .eventually(() -> Future.failedFuture(e))
                              .mapEmpty());
            });
  }

  /** Whether this process certainly holds its lease, without which it claims nothing. */
  public boolean holdsLease() {
    return claimer.holdsLease();
  }

  /** The kinds that this process runs. */
  public Set<String> kinds() {
    return kinds;
  }

  /** The way in for new jobs. */
  public Enqueuer enqueuer() {
    return enqueuer;
  }

  /** What an operator may do. */
  public Operator operator() {
    return operator;
  }

  /** To run checks when somebody wants it. */
  public CheckRunner checks() {
    return checks;
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
    List<Future<Void>> ends = new ArrayList<>(verticles.stream().map(vertx::undeploy).toList());
    ends.add(listener.stop());
    return Future.join(ends).mapEmpty();
  }
}
