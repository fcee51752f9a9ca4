package io.millrace.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.chaos.CuttingProxy;
import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.EngineSetup;
import io.millrace.engine.FailurePolicy;
import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.Outcome;
import io.millrace.google.AccessTokens;
import io.millrace.google.AccountSettings;
import io.millrace.google.Consent;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleSettings;
import io.millrace.google.OnDemand;
import io.millrace.google.QuotaProfile;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.LocalCodec;
import io.millrace.limit.QuotaClient;
import io.millrace.pipeline.GmailSync;
import io.millrace.pipeline.MailboxSwitch;
import io.millrace.pipeline.MailboxWaits;
import io.millrace.pipeline.MessageOpener;
import io.millrace.pipeline.MessageReader;
import io.millrace.pipeline.SyncProgress;
import io.millrace.store.CacheSettings;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.MessageCache;
import io.millrace.store.MessageRows;
import io.millrace.store.StoreTestKit;
import io.millrace.store.Vault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;

/** The API over real HTTP, with an engine and a database of its own. */
final class ApiTestKit {
  static final String TEXT = "Hello <script>alert(1)</script>";
  static final String KIND = "api-test";

  /** A payload that fails at each attempt. */
  static final int STUBBORN = 7_777;

  static final String OPERATOR = "operator-token";
  static final String VIEWER = "viewer-token";
  static final String ALICE = "alice-token";
  static final String BOB = "bob-token";
  static final String STRANGER = "stranger-token";

  final Vertx vertx = Vertx.vertx();
  final HttpClient http = HttpClient.newHttpClient();
  final Database database;
  final ConsoleVerticle console;
  final Engine engine;
  final Jobs jobs;
  final WatchTestKit watched;
  private final String deployment;
  private MailboxWaits waits;
  private MailboxSwitch switches;
  private MailParts mail;
  final long alice;
  final long bob;

  /** What a job of the tests is to do: nothing but end, badly if n is below 0. */
  record Payload(int n) {}

  /** A kind that does what its payload says. */
  record Handler(String kind) implements JobHandler<Payload> {
    @Override
    public Class<Payload> payload() {
      return Payload.class;
    }

    @Override
    public Future<Outcome> run(JobContext<Payload> job) {
      job.tokens(Math.max(0, job.payload().n()));
      if (job.payload().n() == STUBBORN) {
        return Future.failedFuture(new IllegalStateException("the mail server hung up"));
      }
      return Future.succeededFuture(
          job.payload().n() < 0
              ? new Outcome.Discarded(
                  "unwanted", new IllegalStateException("it is below 0: " + job.payload().n()))
              : new Outcome.Completed(null));
    }
  }

  /** Stands for the sync of a mailbox, which needs a Google. */
  record Sync(String kind) implements JobHandler<GmailSync.Payload> {
    @Override
    public Class<GmailSync.Payload> payload() {
      return GmailSync.Payload.class;
    }

    @Override
    public Future<Outcome> run(JobContext<GmailSync.Payload> job) {
      return Future.succeededFuture(new Outcome.Completed(null));
    }
  }

  /** Between the console and its database, where a test asked for it. */
  final CuttingProxy line;

  private final Database server;
  private final Vertx beyond;

  ApiTestKit() throws Exception {
    this(null);
  }

  /**
   * @param patience with a database that may be cut off; null without that
   */
  ApiTestKit(Duration patience) throws Exception {
    vertx.eventBus().registerDefaultCodec(SyncProgress.class, new LocalCodec<>(SyncProgress.class));
    // Pools are shared by name within a Vertx, and these must not be.
    Vertx behind = patience == null ? vertx : Vertx.vertx();
    server = await(Database.open(behind, new DatabaseSettings(null, null, null, 10)));
    beyond = behind;
    line = patience == null ? null : CuttingProxy.to(server.embeddedPort(), 1);
    database =
        line == null
            ? server
            : await(Database.open(vertx, StoreTestKit.through(line.port(), server, patience)));
    jobs = new Jobs(database.pool(), new Kinds(database.pool()));
    EngineSettings settings =
        new EngineSettings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            FailurePolicy.of(3, Duration.ofMillis(10), Duration.ofMillis(20)),
            Map.of());
    watched = new WatchTestKit(vertx, database);
    engine =
        await(
            Engine.start(
                vertx,
                database,
                EngineSetup.of(settings, List.of(new Handler(KIND), new Sync(GmailSync.KIND)))
                    .observer(watched.spending::begun)));
    Mailboxes mailboxes = new Mailboxes(database.pool(), new Vault(server.keptEncryptionKey()));
    mailboxes(mailboxes);
    alice = await(mailboxes.connect("alice@example.org", "a"));
    bob = await(mailboxes.connect("bob@example.org", "b"));
    console =
        new ConsoleVerticle(
                new ConsoleSettings("127.0.0.1", 0, access(), Optional.empty()),
                mailboxes,
                jobs,
                "1.2.3",
                "legacy",
                1)
            .withApi(parts())
            .withMail(mail)
            .withWatch(watched.watch());
    deployment = await(vertx.deployVerticle(console));
  }

  ApiParts parts() {
    return new ApiParts(
        database.pool(),
        database.consolePool(),
        database.endUsers(),
        jobs.kinds(),
        engine.enqueuer(),
        engine.operator(),
        engine.checks(),
        waits,
        switches);
  }

  /** A Google that nobody answers for: no test here asks it. */
  private void mailboxes(Mailboxes mailboxes) {
    URI root = URI.create("http://127.0.0.1:1/");
    GoogleSettings google =
        new GoogleSettings(root, root.resolve("token"), "id", "secret", Duration.ofSeconds(1), 1);
    InstantSource clock = InstantSource.system();
    AccessTokens tokens =
        new AccessTokens(
            vertx, vertx.createHttpClient(), google, Optional.empty(), mailboxes, clock);
    QuotaClient quota = new QuotaClient(vertx, Duration.ofSeconds(2), clock);
    GmailClient gmail =
        new GmailClient(
            vertx,
            vertx.createHttpClient(),
            google,
            QuotaProfile.LEGACY,
            quota,
            tokens,
            new ByteBudget(1 << 20),
            1 << 20,
            clock);
    waits = new MailboxWaits(vertx, database.consolePool(), quota, gmail);
    switches = new MailboxSwitch(database.pool(), gmail, tokens, engine.enqueuer());
    MessageRows rows = new MessageRows(database.pool());
    CacheSettings settings = CacheSettings.DEFAULT;
    MessageReader reader =
        new MessageReader(
            database.pool(),
            new MessageCache(vertx, settings, rows, new Vault(server.keptEncryptionKey())),
            rows,
            new OnDemand(gmail),
            engine.enqueuer());
    mail =
        new MailParts(
            new Consent(
                vertx,
                vertx.createHttpClient(),
                google,
                new AccountSettings(root.resolve("auth"), Optional.empty()),
                clock),
            new MessageOpener(vertx, reader));
  }

  static AccessSettings access() {
    return new AccessSettings(
        List.of(
            token("op", OPERATOR, Role.OPERATOR, null),
            token("view", VIEWER, Role.VIEWER, null),
            token("alice", ALICE, Role.USER, "alice@example.org"),
            token("bob", BOB, Role.USER, "bob@example.org"),
            token("stranger", STRANGER, Role.USER, "nobody@example.org")),
        Optional.empty(),
        Optional.of(URI.create("https://console.example.org")),
        List.of("millrace.local"),
        Duration.ofHours(1),
        50_000,
        100_000);
  }

  static AccessSettings.Token token(String name, String secret, Role role, String account) {
    return new AccessSettings.Token(name, Digest.hex(secret), role, account);
  }

  /** Waits for a future, within a bound; fails with its own cause. */
  static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** The first column of the first row. */
  <T> T one(Class<T> type, String sql, Object... parameters) throws Exception {
    return rows(sql, parameters).get(0).get(type, 0);
  }

  long number(String sql, Object... parameters) throws Exception {
    return one(Long.class, sql, parameters);
  }

  List<Row> rows(String sql, Object... parameters) throws Exception {
    List<Row> rows = new ArrayList<>();
    await(database.pool().preparedQuery(sql).execute(Tuple.wrap(List.of(parameters))))
        .forEach(rows::add);
    return rows;
  }

  void run(String sql, Object... parameters) throws Exception {
    await(database.pool().preparedQuery(sql).execute(Tuple.wrap(List.of(parameters))));
  }

  void close() throws Exception {
    watched.close();
    await(vertx.undeploy(deployment));
    await(engine.stop());
    await(database.close());
    if (line != null) {
      await(server.close());
      await(beyond.close());
      line.close();
    }
    await(vertx.close());
  }

  /** The table of the console's routes. */
  List<Endpoint> table() {
    return console.table();
  }

  HttpResponse<String> send(
      String method, String path, String token, String body, String... headers) throws Exception {
    return send(console.port(), method, path, token, body, headers);
  }

  HttpResponse<String> send(
      int port, String method, String path, String token, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The answer to an operator, which must be 200. */
  JsonObject get(String path) throws Exception {
    return ok(send("GET", "/api/v1" + path, OPERATOR, null));
  }

  JsonObject post(String path, JsonObject body, String... headers) throws Exception {
    return ok(send("POST", "/api/v1" + path, OPERATOR, body.encode(), headers));
  }

  static JsonObject ok(HttpResponse<String> answer) {
    assertTrue(answer.statusCode() == 200, answer.statusCode() + ": " + answer.body());
    return new JsonObject(answer.body());
  }

  /** A message of a user, as a sync would have stored it. */
  void message(long user, String id, String subject, Instant at) throws Exception {
    String payload =
        new JsonObject()
            .put("mimeType", "text/plain")
            .put(
                "headers",
                List.of(
                    header("From", "Carol <carol@example.net>"),
                    header("To", "alice@example.org"),
                    header("Subject", subject)))
            .put(
                "body",
                new JsonObject()
                    .put("size", 5)
                    .put("data", Base64.getUrlEncoder().encodeToString(TEXT.getBytes(UTF_8))))
            .encode();
    run(
        """
        insert into message (user_id, id, thread_id, history_id, internal_date, label_ids, size_estimate,
                             snippet, format, body_omitted, payload, run_id)
        values ($1, $2, $2, 1, $3, '{INBOX}', 100, 'a <b>snippet</b>', 'full', false, $4, 1)""",
        user,
        id,
        at.atOffset(ZoneOffset.UTC),
        Buffer.buffer(deflated(payload.getBytes(UTF_8))));
  }

  private static JsonObject header(String name, String value) {
    return new JsonObject().put("name", name).put("value", value);
  }

  private static byte[] deflated(byte[] bytes) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(bytes);
    }
    return out.toByteArray();
  }

  /** A job that waits for a day. */
  long later(long user) throws Exception {
    return post(
            "/jobs",
            new JsonObject()
                .put("kind", KIND)
                .put("user", user)
                .put("payload", new JsonObject().put("n", 1))
                .put("runAt", Instant.now().plusSeconds(86_400).toString()))
        .getLong("job");
  }

  /** A job that has failed for good. */
  long dead(long user, int n) throws Exception {
    long id =
        post(
                "/jobs",
                new JsonObject()
                    .put("kind", KIND)
                    .put("user", user)
                    .put("payload", new JsonObject().put("n", -n)))
            .getLong("job");
    until(id, "dead");
    return id;
  }

  void until(long job, String state) throws Exception {
    until(
        () ->
            state.equals(
                one(
                    String.class,
                    "select coalesce((select state from job where id = $1), 'none')",
                    job)));
  }

  void until(Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!holds.call()) {
      assertTrue(System.nanoTime() < end, "it did not happen in time");
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
  }

  /** Forgets all jobs. */
  void clean() throws Exception {
    List<String> tables = new ArrayList<>();
    for (String t :
        List.of(
            "body",
            "waiting",
            "aside",
            "scheduled",
            "ready",
            "running",
            "progress",
            "dedup",
            "outcome",
            "dead",
            "edge",
            "cascade",
            "batch",
            "cancel",
            "tag")) {
      tables.add("job_" + t);
    }
    run("truncate " + String.join(", ", tables));
  }
}
