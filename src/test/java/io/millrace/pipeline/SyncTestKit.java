package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;

import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.EngineSetup;
import io.millrace.engine.JobHandler;
import io.millrace.engine.KindSettings;
import io.millrace.google.AccessTokens;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleHttp;
import io.millrace.google.GoogleSettings;
import io.millrace.google.MessageFormat;
import io.millrace.google.PushSettings;
import io.millrace.google.QuotaProfile;
import io.millrace.google.ServiceAccount;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.Quota;
import io.millrace.limit.QuotaLimits;
import io.millrace.sim.SimAccount;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.millrace.store.CacheSettings;
import io.millrace.store.Interactions;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.MessageCache;
import io.millrace.store.MessageRows;
import io.millrace.store.Messages;
import io.millrace.store.NewJob;
import io.millrace.store.StoreTestKit;
import io.millrace.store.SyncRuns;
import io.millrace.store.Vault;
import io.millrace.store.Watches;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Syncs against a simulator, with a real engine on a real database, and no limit of units. */
final class SyncTestKit {
  /** Never says no. */
  private static final class FreeQuota implements Quota {
    @Override
    public Future<Integer> take(long user, int want, int min) {
      return Future.succeededFuture(want / min * min);
    }

    @Override
    public void refused(long user, Instant until, boolean wholeProject) {}
  }

  final Vertx vertx = StoreTestKit.VERTX;
  final ByteBudget budget = new ByteBudget(1 << 20);
  final Jobs jobs = new Jobs(pool(), new Kinds(pool()));
  final Mailboxes mailboxes =
      new Mailboxes(pool(), new Vault(Base64.getEncoder().encodeToString(new byte[32])));
  final List<Long> users = new ArrayList<>();
  Simulator simulator;
  Duration slice = Duration.ofSeconds(10);
  Duration timeout = Duration.ofSeconds(20);
  boolean includeSpamTrash;
  MessageFormat format = MessageFormat.FULL;
  int pageSize = 50;
  int writeBatch = 20;
  String faults = "none";
  Optional<ServiceAccount> serviceAccount = Optional.empty();

  /** Reads the tokens; as a rule the one that has written them. */
  Vault reading = vault();

  Lanes lanes;

  /** Whether interactions and contacts are made as well. */
  boolean derive;

  MessageCache cache;
  GmailClient gmail;
  PushSettings push = PushSettings.OFF;
  Duration pollEvery = Duration.ZERO;
  private HttpClient http;
  Engine engine;

  static Vault vault() {
    return new Vault(Base64.getEncoder().encodeToString(new byte[32]));
  }

  private Mailboxes grants() {
    return new Mailboxes(pool(), reading);
  }

  /** Starts everything over mailboxes of the simulator's making. */
  void start(int count, int messages) throws Exception {
    for (String table :
        List.of(
            "job_body",
            "job_scheduled",
            "job_ready",
            "job_running",
            "job_progress",
            "job_dedup",
            "job_outcome",
            "job_dead",
            "message",
            "attachment",
            "interaction",
            "contact",
            "sync_label",
            "message_dead",
            "sync_run",
            "sync_fate",
            "sync_seen",
            "mailbox",
            "google_token")) {
      StoreTestKit.run("truncate " + table);
    }
    StoreTestKit.run("delete from account");
    simulator =
        await(
            Simulator.start(
                vertx,
                SimOptions.defaults()
                    .withMailboxes(count)
                    .withMessages(messages)
                    .withTimeScale(20)
                    .withFaults(faults)
                    .withProfile("unlimited")));
    for (SimAccount account : simulator.accounts()) {
      users.add(await(mailboxes.connect(account.email(), account.refreshToken())));
    }
    engine(URI.create(simulator.rootUrl()));
  }

  /** How this simulator is spoken to. */
  GoogleSettings google(URI root) {
    return new GoogleSettings(
        root,
        URI.create(simulator.tokenUrl()),
        Simulator.CLIENT_ID,
        Simulator.CLIENT_SECRET,
        Duration.ofSeconds(5),
        20);
  }

  /** Starts an engine that takes another address for Google's. */
  void engine(URI root) throws Exception {
    GoogleSettings google = google(root);
    http = GoogleHttp.client(vertx, google, root);
    gmail =
        new GmailClient(
            vertx,
            http,
            google,
            // Not unlimited, or nothing would be planned; the limits are not asked here.
            new QuotaProfile("test", QuotaProfile.Y2026_05.prices(), new QuotaLimits(1, 1, 1, 100)),
            new FreeQuota(),
            new AccessTokens(vertx, http, google, serviceAccount, grants(), InstantSource.system()),
            budget,
            16 << 20,
            InstantSource.system());
    GmailSettings settings =
        new GmailSettings(
            format,
            includeSpamTrash,
            pageSize,
            10,
            writeBatch,
            1 << 20,
            16 << 20,
            slice,
            3,
            pollEvery);
    Messages messages = new Messages(pool());
    MessageCache kept =
        cache != null
            ? cache
            : new MessageCache(
                vertx, CacheSettings.DEFAULT, new MessageRows(pool()), new Vault("unused"));
    GmailSettings wanted = lanes == null ? settings : settings.withLanes(lanes);
    EngineSettings engineSettings =
        new EngineSettings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Map.of(GmailSync.KIND, new KindSettings(20, timeout, 3)));
    List<JobHandler<?>> handlers = new ArrayList<>();
    handlers.add(
        new GmailSync(
            vertx,
            gmail,
            wanted,
            20,
            mailboxes,
            messages,
            new SyncRuns(),
            kept,
            new WatchKeeper(gmail, new Watches(pool()), push, pollEvery, 20),
            new WriteGate(vertx, 8, Duration.ofSeconds(30), c -> {}, System::nanoTime)));
    if (derive) {
      Interactions interactions = new Interactions(pool());
      handlers.add(new NormalizeEmail(vertx, mailboxes, messages, interactions));
      handlers.add(new ExtractContacts(mailboxes, interactions));
    }
    engine =
        await(
            Engine.start(vertx, StoreTestKit.database(), EngineSetup.of(engineSettings, handlers)));
  }

  /** Takes notices in, beside the engine. */
  NoticeIntake intake() {
    return new NoticeIntake(vertx, pool(), engine.enqueuer());
  }

  void stopEngine() throws Exception {
    await(engine.stop());
    engine = null;
    vertx.eventBus().unregisterDefaultCodec(SyncProgress.class);
    await(http.close());
  }

  /** Starts a sync of a user; answers the job. */
  long sync(long user) throws Exception {
    return sync(user, "{}");
  }

  /** The same with a payload. */
  long sync(long user, String payload) throws Exception {
    long id =
        await(
                jobs.enqueue(
                    pool(),
                    List.of(NewJob.of(user, GmailSync.KIND, payload).once(GmailSync.DEDUP_KEY))))
            .get(0);
    vertx.eventBus().publish(Engine.WAKE, "");
    return id;
  }

  /** Syncs a user and waits until the job has ended; answers its state. */
  String synced(long user) throws Exception {
    return ended(sync(user));
  }

  /** Waits, within a bound, until a job is neither ready, running nor scheduled. */
  String ended(long id) throws Exception {
    long end = System.nanoTime() + 40_000_000_000L;
    while (true) {
      String state = StoreTestKit.one(String.class, "select state from job where id = $1", id);
      if (!List.of("ready", "running", "scheduled").contains(state)) {
        return state;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("still " + state);
      }
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }
  }

  /** Waits, within a bound, until a query answers at least a number. */
  void until(long least, String sql, Object... parameters) throws Exception {
    long end = System.nanoTime() + 20_000_000_000L;
    while (number(sql, parameters) < least) {
      if (System.nanoTime() > end) {
        throw new AssertionError(number(sql, parameters) + ", not " + least + ": " + sql);
      }
      await(vertx.timer(2, TimeUnit.MILLISECONDS));
    }
  }

  /** Makes something happen in the n-th mailbox. */
  JsonObject order(String what, int mailbox, JsonObject order) throws Exception {
    order.put("email", simulator.accounts().get(mailbox).email());
    HttpClient client = vertx.createHttpClient();
    return await(
        client
            .request(HttpMethod.POST, simulator.port(), "127.0.0.1", "/sim/" + what)
            // In one step: a body that comes before somebody reads it is lost.
            .compose(r -> r.send(order.toBuffer()).compose(HttpClientResponse::body))
            .map(Buffer::toJsonObject)
            .eventually(client::close));
  }

  Mailboxes.State state(long user) throws Exception {
    return await(mailboxes.states(List.of(user))).get(0);
  }

  static long messages(long user) throws Exception {
    return number("select count(*) from message where user_id = $1", user);
  }

  void close() throws Exception {
    if (engine != null) {
      stopEngine();
    }
    await(simulator.close());
  }
}
