package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;

import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.StoreTestKit;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Claimers over one database, and kinds made of a function. */
final class EngineTestKit {
  private static final AtomicInteger NEXT = new AtomicInteger();

  /** What such a kind is enqueued with. */
  record Payload(int n) {}

  /** A kind that does what a function says. */
  record Handler(String kind, Function<JobContext<Payload>, Future<Outcome>> work)
      implements JobHandler<Payload> {
    @Override
    public Class<Payload> payload() {
      return Payload.class;
    }

    @Override
    public Future<Outcome> run(JobContext<Payload> job) {
      return work.apply(job);
    }
  }

  final Vertx vertx = StoreTestKit.VERTX;
  final String kind = "engine-" + System.nanoTime() + "-" + NEXT.incrementAndGet();
  final Jobs jobs = new Jobs(StoreTestKit.pool(), new Kinds(StoreTestKit.pool()));
  final List<String> claimers = new ArrayList<>();
  private final List<String> lenders = new ArrayList<>();
  Duration poll = Duration.ofMillis(200);
  Duration lease = Duration.ofSeconds(60);
  FailurePolicy failures = FailurePolicy.of(100, Duration.ofMillis(20), Duration.ofMillis(50));
  Duration grace = Duration.ofSeconds(5);
  Duration blocked = Duration.ofSeconds(1);

  /** Of the process that was started last. */
  Enqueuer enqueuer;

  KindSettings settings = new KindSettings(4, Duration.ofSeconds(20), 3);

  /** One more process, as far as the database can tell. */
  void start(Function<JobContext<Payload>, Future<Outcome>> work) throws Exception {
    start(new Handler(kind, work));
  }

  /** The same with handlers of any sort, which all run with {@link #settings}. */
  void start(JobHandler<?>... handlers) throws Exception {
    Map<String, KnownKind<?>> kinds = KnownKind.of(List.of(handlers));
    Map<String, KindSettings> each = new HashMap<>();
    kinds.keySet().forEach(k -> each.put(k, settings));
    EngineSettings engine =
        new EngineSettings(lease, lease.dividedBy(3), poll, grace, blocked, failures, each);
    List<Context> runners = List.of(loop(), loop());
    enqueuer = new Enqueuer(vertx, StoreTestKit.pool(), jobs, kinds);
    Claimer claimer =
        new Claimer(
            engine,
            StoreTestKit.pool(),
            jobs,
            new Workers(StoreTestKit.pool()),
            false,
            kinds,
            runners,
            enqueuer,
            Slots.fixed(engine),
            InstantSource.system(),
            new Random(1));
    claimers.add(await(vertx.deployVerticle(claimer)));
  }

  /** An event loop of its own, until the process is stopped. */
  private Context loop() throws Exception {
    Lender lender = new Lender();
    lenders.add(await(vertx.deployVerticle(lender)));
    return lender.loop();
  }

  private static final class Lender extends VerticleBase {
    private Context loop() {
      return context;
    }
  }

  /** Stops the process that was started first. */
  void stop() throws Exception {
    await(vertx.undeploy(claimers.remove(0)));
  }

  List<Long> enqueue(int count) throws Exception {
    List<NewJob> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(NewJob.of(i % 10, kind, "{\"n\":" + i + "}"));
    }
    List<Long> ids = await(jobs.enqueue(StoreTestKit.pool(), all));
    wake();
    return ids;
  }

  void wake() {
    vertx.eventBus().publish(Engine.WAKE, "");
  }

  /** Waits, within a bound, until all of these jobs are in a state. */
  void until(String state, List<Long> ids) throws Exception {
    long end = System.nanoTime() + 25_000_000_000L;
    while (in(state, ids) < ids.size()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(in(state, ids) + " of " + ids.size() + " are " + state);
      }
      await(vertx.timer(20, java.util.concurrent.TimeUnit.MILLISECONDS));
    }
  }

  long in(String state, List<Long> ids) throws Exception {
    return StoreTestKit.number(
        "select count(*) from job where state = $1 and id = any($2)",
        state,
        ids.toArray(Long[]::new));
  }

  void close() throws Exception {
    while (!claimers.isEmpty()) {
      stop();
    }
    while (!lenders.isEmpty()) {
      await(vertx.undeploy(lenders.remove(0)));
    }
  }
}
