package io.millrace;

import io.millrace.console.Alarms;
import io.millrace.console.FlowBook;
import io.millrace.console.Gauges;
import io.millrace.console.Health;
import io.millrace.console.HealthBook;
import io.millrace.console.LoopWatch;
import io.millrace.console.Meters;
import io.millrace.console.OpsSettings;
import io.millrace.console.Probe;
import io.millrace.console.Spending;
import io.millrace.console.VitalSigns;
import io.millrace.console.Watch;
import io.millrace.engine.Engine;
import io.millrace.engine.RunObserver;
import io.millrace.google.AccessTokens;
import io.millrace.google.CallWatch;
import io.millrace.google.GmailClient;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.LimitChanged;
import io.millrace.limit.LimitChanges;
import io.millrace.limit.MemoryWatch;
import io.millrace.limit.QuotaLimits;
import io.millrace.pipeline.GmailSync;
import io.millrace.store.Alerts;
import io.millrace.store.CacheFigures;
import io.millrace.store.ClaimedJob;
import io.millrace.store.Database;
import io.millrace.store.Flow;
import io.millrace.store.HealthSamples;
import io.millrace.store.Turns;
import io.millrace.store.Usage;
import io.millrace.store.Vitals;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The watching of one process, wired: metrics, probes, and what looks at the database for them. */
final class Ops {
  private final Vertx vertx;
  private final Configuration configuration;
  private final Instruments instruments;
  private final Meters meters;
  private final List<Probe> probes = new ArrayList<>();
  private final List<String> verticles = new CopyOnWriteArrayList<>();
  private final Gauges gauges;
  private volatile Spending spending;
  private Health health;
  private Watch watch;

  /**
   * @param kinds that this process runs
   */
  Ops(Vertx vertx, Configuration configuration, Instruments instruments, Collection<String> kinds) {
    this.vertx = vertx;
    this.configuration = configuration;
    this.instruments = instruments;
    Duration minute =
        Duration.ofNanos((long) (Duration.ofMinutes(1).toNanos() / configuration.timeScale()));
    this.meters = new Meters(instruments.registry(), kinds, minute);
    this.gauges = new Gauges(instruments.registry(), meters);
  }

  /** What sees the runs of jobs. */
  RunObserver observer() {
    return instruments.observer(RunObserver.both(this::spends, meters));
  }

  private RunObserver.Seen spends(ClaimedJob job) {
    Spending of = spending;
    return of == null ? RunObserver.Seen.NOTHING : of.begun(job);
  }

  /** What the API shows of all this; null before it is started. */
  Watch watch() {
    return watch;
  }

  /** How queues do; null before it is started. */
  Health health() {
    return health;
  }

  Instruments instruments() {
    return instruments;
  }

  /** What Millrace needs besides the database. */
  List<Probe> probes() {
    return List.copyOf(probes);
  }

  /** Begins to look; what it looks at works already. */
  Future<Void> start(
      Database database,
      Engine engine,
      GmailClient gmail,
      AccessTokens tokens,
      ByteBudget budget,
      MemoryWatch memory,
      Supplier<CacheFigures> cache) {
    Vitals vitals = new Vitals(database.pool());
    probes.add(
        new Probe(
            "lease",
            true,
            "This process does not hold its lease and starts no jobs.",
            () -> holds(engine.holdsLease(), "held")));
    probes.add(
        new Probe(
            "ledger",
            true,
            "The quota ledger cannot be read, so nothing may be spent.",
            () -> vitals.dayUnits(configuration.quota().dayOf(Instant.now())).map("answers")));
    probes.add(
        new Probe(
            "google",
            false,
            "Google fails too often and is left alone for now.",
            () -> holds(!gmail.breaker().equals("open"), gmail.breaker())));
    spending = new Spending(configuration.ops().cost(), new Usage(database.pool()), GmailSync.KIND);
    gmail.traffic().tell(meters);
    tokens.tell(meters);
    gmail.traffic().tell(spending);
    gmail.traffic().tell(breaker());
    vertx
        .eventBus()
        .<LimitChanged>localConsumer(LimitChanges.ADDRESS, m -> meters.changed(m.body()));
    VitalSigns signs =
        new VitalSigns(
            vitals,
            configuration.quota(),
            configuration.ops().alerts().every(),
            InstantSource.system());
    gauges
        .queues(signs)
        .quota(configuration.profile().limits(), signs)
        .google(gmail, budget)
        .database(database)
        .cache(cache)
        .memory(memory);
    Alarms alarms =
        new Alarms(
            configuration.ops().alerts(),
            new Alerts(database.pool()),
            vitals,
            new Turns(database.pool()),
            new Alarms.Sight(
                process(),
                signs,
                meters,
                configuration.profile().limits().projectPerDay(),
                pollEvery(),
                configuration.upkeep().every(),
                memory::share,
                spending::most),
            InstantSource.system());
    HealthSamples samples = new HealthSamples(database.pool());
    OpsSettings ops = configuration.ops();
    health = new Health(samples, ops.health(), ops.alerts(), signs);
    HealthBook book =
        new HealthBook(ops.health(), ops.alerts(), samples, new Turns(database.pool()), signs);
    FlowBook flow = new FlowBook(new Flow(database.pool()), new Turns(database.pool()), signs);
    QuotaLimits allowed = configuration.profile().limits();
    watch =
        new Watch(
            database.consolePool(),
            ops,
            new Health(
                new HealthSamples(database.consolePool()), ops.health(), ops.alerts(), signs),
            () -> meters.used(allowed, signs),
            () -> limits(gmail.breaker(), memory),
            gmail::room);
    return Future.all(deploy(alarms), deploy(book), deploy(flow), deploy(spending))
        .compose(v -> deploy(signs))
        .compose(v -> vertx.deployVerticle(this::loopWatch, everyLoop()))
        .onSuccess(verticles::add)
        .mapEmpty();
  }

  private CallWatch breaker() {
    return new CallWatch() {
      @Override
      public void leftAlone(Instant until) {
        boolean alone = until != null;
        String why = alone ? "it fails too often: left alone until " + until : "it answers again";
        vertx
            .eventBus()
            .publish(
                LimitChanges.ADDRESS,
                new LimitChanged("breaker:google", alone ? 100 : 0, alone ? 0 : 100, why));
      }
    };
  }

  private static List<Watch.LimitNow> limits(String breaker, MemoryWatch memory) {
    double share = memory.share();
    return List.of(
        new Watch.LimitNow("breaker:google", breaker.equals("closed") ? 100 : 0, breaker),
        new Watch.LimitNow(
            "memory",
            (int) Math.round(100 * memory.getAsDouble()),
            Double.isNaN(share)
                ? "not looked at yet"
                : String.format(Locale.ROOT, "%.0f %% of memory is in use", 100 * share)));
  }

  private Future<String> deploy(VerticleBase verticle) {
    return vertx.deployVerticle(verticle).onSuccess(verticles::add);
  }

  /** Looks no more; what users spent is written. To be called while the database is open. */
  Future<Void> stop() {
    return Future.join(verticles.stream().map(vertx::undeploy).toList()).mapEmpty();
  }

  /** With push, mailboxes are looked at less often. */
  private Duration pollEvery() {
    return configuration.push().topic() == null
        ? configuration.gmail().pollEvery()
        : configuration.push().pollEvery();
  }

  private static String process() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown";
    }
    return host + "/" + ProcessHandle.current().pid();
  }

  private LoopWatch loopWatch() {
    return new LoopWatch(instruments.registry(), configuration.engine().blocked());
  }

  private static DeploymentOptions everyLoop() {
    return new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
  }

  private static Future<String> holds(boolean there, String word) {
    return there ? Future.succeededFuture(word) : Future.failedFuture(word);
  }
}
