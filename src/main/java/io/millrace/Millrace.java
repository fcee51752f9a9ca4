package io.millrace;

import io.millrace.console.ApiParts;
import io.millrace.console.ConsoleException;
import io.millrace.console.ConsoleVerticle;
import io.millrace.console.Health;
import io.millrace.console.MailParts;
import io.millrace.console.PushVerticle;
import io.millrace.engine.AdaptiveSlots;
import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.EngineSetup;
import io.millrace.engine.JobHandler;
import io.millrace.google.AccessTokens;
import io.millrace.google.Consent;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleHttp;
import io.millrace.google.GoogleSettings;
import io.millrace.google.OnDemand;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.LimitChanges;
import io.millrace.limit.MemoryReading;
import io.millrace.limit.MemoryWatch;
import io.millrace.limit.QuotaClient;
import io.millrace.limit.QuotaVerticle;
import io.millrace.pipeline.AttachmentReader;
import io.millrace.pipeline.ExtractContacts;
import io.millrace.pipeline.GmailSync;
import io.millrace.pipeline.GrantNews;
import io.millrace.pipeline.MailboxSurvey;
import io.millrace.pipeline.MailboxSwitch;
import io.millrace.pipeline.MailboxWaits;
import io.millrace.pipeline.MessageOpener;
import io.millrace.pipeline.MessageReader;
import io.millrace.pipeline.NormalizeEmail;
import io.millrace.pipeline.NoticeIntake;
import io.millrace.pipeline.WatchKeeper;
import io.millrace.pipeline.WriteGate;
import io.millrace.store.CacheFigures;
import io.millrace.store.Database;
import io.millrace.store.Interactions;
import io.millrace.store.JobOptions;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.MessageCache;
import io.millrace.store.MessageRows;
import io.millrace.store.Messages;
import io.millrace.store.NewJob;
import io.millrace.store.QuotaLedger;
import io.millrace.store.Surveys;
import io.millrace.store.SyncRuns;
import io.millrace.store.Vault;
import io.millrace.store.Watches;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.time.InstantSource;
import java.util.List;

/** A running Millrace: every part made once, and wired. */
final class Millrace {
  private static final String RECOUNT = "{\"recount\":true}";

  private final Vertx vertx;
  private final Mailboxes mailboxes;
  private final Jobs jobs;
  private final Interactions interactions;
  private final Database database;
  private final List<HttpClient> clients;
  private final Surveys surveys;
  private MailboxSurvey survey;
  private MailboxWaits waits;
  private MailboxSwitch switches;
  private Engine engine;
  private MessageCache cache;
  private MessageReader reader;
  private AttachmentReader attachments;
  private GrantNews grants;
  private Consent consent;
  private Ops ops;

  private Millrace(Vertx vertx, Database database, Vault vault, List<HttpClient> clients) {
    this.vertx = vertx;
    this.database = database;
    this.mailboxes = new Mailboxes(database.pool(), vault);
    this.jobs = new Jobs(database.pool(), new Kinds(database.pool()));
    this.interactions = new Interactions(database.pool());
    this.surveys = new Surveys(database.pool());
    this.clients = clients;
  }

  /**
   * Wires everything onto an open database and starts to work.
   *
   * @param database to be closed by the caller, after {@link #stop}
   */
  static Future<Millrace> start(Vertx vertx, Configuration configuration, Database database) {
    return start(vertx, configuration, database, true, new Instruments());
  }

  /** The same, measured. */
  static Future<Millrace> start(
      Vertx vertx, Configuration configuration, Database database, Instruments instruments) {
    return start(vertx, configuration, database, true, instruments);
  }

  /**
   * The same.
   *
   * @param works whether it runs jobs; one that does not only looks
   */
  static Future<Millrace> start(
      Vertx vertx, Configuration configuration, Database database, boolean works) {
    return start(vertx, configuration, database, works, new Instruments());
  }

  private static Future<Millrace> start(
      Vertx vertx,
      Configuration configuration,
      Database database,
      boolean works,
      Instruments instruments) {
    InstantSource clock = InstantSource.system();
    double scale = configuration.timeScale();
    Vault vault = configuration.vault(database);
    GoogleSettings google =
        configuration.google().withBreaker(configuration.google().breaker().scaled(scale));
    HttpClient api = GoogleHttp.client(vertx, google, google.rootUrl());
    HttpClient tokenEndpoint = GoogleHttp.client(vertx, google, google.tokenUrl());
    ByteBudget budget = new ByteBudget(configuration.gmail().inflightBytes());
    Millrace millrace = new Millrace(vertx, database, vault, List.of(api, tokenEndpoint));
    QuotaClient quota =
        new QuotaClient(
            vertx, configuration.quota().yieldAfter(), configuration.quota().jitter(), clock);
    AccessTokens tokens =
        new AccessTokens(
            vertx,
            tokenEndpoint,
            google,
            configuration.accounts().serviceAccount(),
            millrace.mailboxes,
            clock);
    GmailClient gmail =
        new GmailClient(
            vertx,
            api,
            google,
            configuration.profile(),
            quota,
            tokens,
            budget,
            configuration.gmail().maxResponseBytes(),
            configuration.gmail().metadataHeaders(),
            clock);
    millrace.grants = new GrantNews(database.subscriber(), tokens);
    millrace.consent = new Consent(vertx, tokenEndpoint, google, configuration.accounts(), clock);
    millrace.survey =
        new MailboxSurvey(vertx, gmail, configuration.gmail(), scale, millrace.surveys);
    millrace.waits = new MailboxWaits(vertx, database.consolePool(), quota, gmail);
    LimitChanges changes = new LimitChanges(vertx);
    MemoryWatch memory =
        new MemoryWatch(configuration.memory(), MemoryReading::now, budget::shrink, changes);
    EngineSettings engineSettings = configuration.engine().scaled(scale);
    Messages messages = new Messages(database.pool());
    MessageRows rows = new MessageRows(database.pool());
    MessageCache cache = new MessageCache(vertx, configuration.cache(), rows, vault);
    millrace.cache = cache;
    List<JobHandler<?>> handlers =
        List.of(
            new GmailSync(
                vertx,
                gmail,
                configuration.gmail(),
                scale,
                millrace.mailboxes,
                messages,
                new SyncRuns(),
                cache,
                new WatchKeeper(
                    gmail,
                    new Watches(database.pool()),
                    configuration.push(),
                    configuration.gmail().pollEvery(),
                    scale),
                new WriteGate(
                    vertx,
                    configuration.database().writers(),
                    configuration.database().statement(),
                    changes,
                    System::nanoTime)),
            new NormalizeEmail(vertx, millrace.mailboxes, messages, millrace.interactions),
            new ExtractContacts(millrace.mailboxes, millrace.interactions));
    Ops ops =
        new Ops(
            vertx, configuration, instruments, handlers.stream().map(JobHandler::kind).toList());
    return vertx
        .deployVerticle(
            new QuotaVerticle(
                configuration.quota(),
                quota,
                new QuotaLedger(database.pool(), scale),
                changes,
                clock,
                System::nanoTime))
        .compose(v -> vertx.deployVerticle(memory))
        .compose(v -> millrace.grants.start())
        .compose(
            v ->
                !works
                    ? Future.<Engine>succeededFuture()
                    : Engine.start(
                        vertx,
                        database,
                        EngineSetup.of(engineSettings, handlers)
                            .slots(
                                new AdaptiveSlots(
                                    engineSettings,
                                    configuration.concurrency(),
                                    memory,
                                    changes,
                                    System::nanoTime))
                            .schedules(configuration.schedules())
                            .upkeep(configuration.upkeep())
                            .observer(ops.observer())
                            .clock(clock)))
        .compose(
            engine ->
                works
                    ? ops.start(database, engine, gmail, tokens, budget, memory, cache::figures)
                        .map(engine)
                    : Future.succeededFuture(engine))
        .map(
            engine -> {
              millrace.ops = ops;
              millrace.engine = engine;
              if (works) {
                millrace.switches =
                    new MailboxSwitch(database.pool(), gmail, tokens, engine.enqueuer());
                OnDemand onDemand = new OnDemand(gmail);
                millrace.reader =
                    new MessageReader(database.pool(), cache, rows, onDemand, engine.enqueuer());
                millrace.attachments =
                    new AttachmentReader(
                        vertx, configuration.attachments(), millrace.reader, rows, onDemand);
              }
              return millrace;
            });
  }

  Mailboxes mailboxes() {
    return mailboxes;
  }

  Jobs jobs() {
    return jobs;
  }

  /** What people read of messages; null where no work is done. */
  MessageReader reader() {
    return reader;
  }

  /** What they read of attachments; null where no work is done. */
  AttachmentReader attachments() {
    return attachments;
  }

  /** How queues do; null where no work is done. */
  Health health() {
    return ops.health();
  }

  /** What the cache of messages has done. */
  CacheFigures cacheFigures() {
    return cache.figures();
  }

  Interactions interactions() {
    return interactions;
  }

  /** Why mailboxes wait. */
  MailboxWaits waits() {
    return waits;
  }

  /** Halts mailboxes and lets go of them; null where no work is done. */
  MailboxSwitch switches() {
    return switches;
  }

  Surveys surveys() {
    return surveys;
  }

  MailboxSurvey survey() {
    return survey;
  }

  /**
   * Starts a sync that lists a mailbox again, instead of one that waits for its time.
   *
   * @return its number; null if a sync of this mailbox runs
   */
  Future<Long> recount(long user) {
    NewJob sync =
        NewJob.of(user, GmailSync.KIND, RECOUNT)
            .once(GmailSync.DEDUP_KEY)
            .with(JobOptions.NONE.onDuplicate(JobOptions.OnDuplicate.REPLACE));
    return surveys
        .runs(user, GmailSync.KIND)
        .compose(
            runs ->
                runs
                    ? Future.succeededFuture()
                    : engine.enqueuer().enqueue(List.of(sync)).map(ids -> ids.get(0)));
  }

  /**
   * Starts a sync of each user, unless one is under way. What is in step already is listed again,
   * to see that it is.
   */
  Future<Void> sync(List<Long> users) {
    List<NewJob> sync =
        users.stream()
            .map(u -> NewJob.of(u, GmailSync.KIND, RECOUNT).once(GmailSync.DEDUP_KEY))
            .toList();
    return engine.enqueuer().enqueue(sync).mapEmpty();
  }

  /** Opens the console; answers its port. */
  Future<Integer> serve(Configuration configuration) {
    ConsoleVerticle console =
        new ConsoleVerticle(
                configuration.console(),
                mailboxes,
                jobs,
                Version.current(),
                configuration.profile().name(),
                configuration.timeScale())
            .withCache(this::cacheFigures)
            .withOps(ops.instruments().registry(), ops.probes())
            .withWatch(ops.watch());
    if (engine != null) {
      console.withApi(
          new ApiParts(
              database.pool(),
              database.consolePool(),
              database.endUsers(),
              jobs.kinds(),
              engine.enqueuer(),
              engine.operator(),
              engine.checks(),
              waits,
              switches));
      console.withMail(new MailParts(consent, new MessageOpener(vertx, reader)));
    }
    return vertx.deployVerticle(console).map(id -> console.port()).recover(Millrace::sentence);
  }

  /** Listens for what Gmail tells of changes; answers the port, or -1 if nothing is to listen. */
  Future<Integer> listen(Configuration configuration, Database database) {
    if (!configuration.push().listens()) {
      return Future.succeededFuture(-1);
    }
    NoticeIntake intake = new NoticeIntake(vertx, database.pool(), engine.enqueuer());
    PushVerticle push = new PushVerticle(configuration.push(), intake::take);
    return vertx.deployVerticle(push).map(id -> push.port()).recover(Millrace::sentence);
  }

  private static <T> Future<T> sentence(Throwable e) {
    return Future.failedFuture(
        e instanceof ConsoleException ? new ExitException(e.getMessage()) : e);
  }

  /** Lets what runs come to a commit, then closes what was made here; not the database. */
  Future<Void> stop() {
    Future<Void> stopped = engine == null ? Future.succeededFuture() : engine.stop();
    Future<Void> both =
        stopped
            .eventually(() -> ops == null ? Future.succeededFuture() : ops.stop())
            .eventually(() -> cache == null ? Future.succeededFuture() : cache.close())
            .eventually(() -> grants == null ? Future.succeededFuture() : grants.stop())
            .eventually(() -> waits == null ? Future.succeededFuture() : waits.close());
    return both.eventually(() -> Future.join(clients.stream().map(HttpClient::close).toList()));
  }
}
