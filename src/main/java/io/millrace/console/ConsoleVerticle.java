package io.millrace.console;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.pipeline.GmailSync;
import io.millrace.store.AuditLog;
import io.millrace.store.CacheFigures;
import io.millrace.store.Jobs;
import io.millrace.store.MailboxDesk;
import io.millrace.store.Mailboxes;
import io.millrace.store.Sessions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.BindException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page, live events, figures and health over HTTP. Starting fails with {@link
 * ConsoleException} if the port cannot be had; stopping ends the open streams.
 */
public final class ConsoleVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(ConsoleVerticle.class);
  private static final String DATABASE_AWAY = "The database does not answer.";
  private static final int IDLE_SECONDS = 60;
  private static final LongSupplier NANOS = System::nanoTime;

  private final ConsoleSettings settings;
  private final ConsoleLimits limits;
  private final Mailboxes mailboxes;
  private final Jobs jobs;
  private final Running running;
  private Supplier<CacheFigures> cache;
  private PrometheusMeterRegistry registry;
  private List<Probe> probes = List.of();
  private ApiParts parts;
  private MailParts mail;
  private ConnectApi connect;
  private Watch watch;
  private List<Endpoint> table = List.of();
  private Provider provider;
  private EventFeed feed;
  private Figures figures;
  private HttpServer server;
  private volatile int port;

  /**
   * @param profile the name of the quota profile
   * @param timeScale by how much Google's durations are shortened, 1 for not at all
   */
  public ConsoleVerticle(
      ConsoleSettings settings,
      Mailboxes mailboxes,
      Jobs jobs,
      String version,
      String profile,
      double timeScale) {
    this(settings, ConsoleLimits.DEFAULTS, mailboxes, jobs, version, profile, timeScale);
  }

  /** The same with limits of one's own. */
  public ConsoleVerticle(
      ConsoleSettings settings,
      ConsoleLimits limits,
      Mailboxes mailboxes,
      Jobs jobs,
      String version,
      String profile,
      double timeScale) {
    this.settings = settings;
    this.limits = limits;
    this.mailboxes = mailboxes;
    this.jobs = jobs;
    this.running = new Running(version, profile, timeScale);
  }

  /** Shows what the cache of messages has done as well; before it is started. */
  public ConsoleVerticle withCache(Supplier<CacheFigures> made) {
    this.cache = made;
    return this;
  }

  /** Shows these metrics, and tells of more than the database whether it is there; likewise. */
  public ConsoleVerticle withOps(PrometheusMeterRegistry measured, List<Probe> needed) {
    this.registry = measured;
    this.probes = List.copyOf(needed);
    return this;
  }

  /** Serves the API as well; before it is started. */
  public ConsoleVerticle withApi(ApiParts made) {
    this.parts = made;
    return this;
  }

  /** Lets owners connect their mailboxes and read their mail as well; with the API only. */
  public ConsoleVerticle withMail(MailParts made) {
    this.mail = made;
    return this;
  }

  /** Shows alerts, health, flow and cost as well, beside the API; before it is started. */
  public ConsoleVerticle withWatch(Watch made) {
    this.watch = made;
    return this;
  }

  /** Where it listens, once started. */
  public int port() {
    return port;
  }

  @Override
  public Future<?> start() {
    Optional<String> open = openTo();
    if (open.isPresent()) {
      return Future.failedFuture(
          new ConsoleException(
              "The console would be open to whoever reaches %s: set console.tokens or console.oidc.issuer, or listen on loopback only and go by no other name."
                  .formatted(open.get()),
              null));
    }
    figures = new Figures(mailboxes, jobs, limits, InstantSource.system(), NANOS);
    Happenings happenings = new Happenings();
    feed =
        new EventFeed(vertx, limits, happenings, figures::answers, InstantSource.system(), NANOS);
    return vertx
        .executeBlocking(
            () -> {
              settings.tls().ifPresent(CertificateCheck::check);
              return new Loaded(
                  Page.load(settings.access().provider().isPresent()), Asset.bytes("openapi.json"));
            },
            false)
        .compose(loaded -> listen(router(loaded, happenings)))
        .compose(v -> feed.start());
  }

  private record Loaded(List<Asset> assets, Buffer description) {}

  /** Where others could reach a console that asks nobody who they are, be it through a proxy. */
  private Optional<String> openTo() {
    AccessSettings access = settings.access();
    return !access.open()
        ? Optional.empty()
        : Loopback.is(settings.host()) ? access.publicName() : Optional.of(settings.host());
  }

  @Override
  public Future<?> stop() {
    feed.close();
    Future<Void> served = server.shutdown(0, TimeUnit.SECONDS);
    return provider == null ? served : Future.join(served, provider.close());
  }

  private Router router(Loaded loaded, Happenings happenings) {
    AccessSettings access = settings.access();
    boolean secure = secure();
    MailboxDesk desk = new MailboxDesk(GmailSync.DEDUP_KEY);
    Identity identity =
        new Identity(
            access,
            secure,
            parts == null ? null : new Sessions(parts.pool()),
            email -> desk.owner(parts.pool(), email),
            NANOS);
    if (!secure && !Loopback.is(settings.host())) {
      log.warn(
          "the console can be reached from elsewhere without TLS, so what opens it can be read on the way: set console.certificateFile, or console.url to the https address of the proxy before it");
    }
    identity.onEnd(feed::ended);
    Guard guard = new Guard(settings, identity, secure, NANOS);
    Router router = Router.router(vertx);
    router.route().handler(new Origins(access.proxies())::note);
    router.route().handler(c -> Answers.protect(c, secure));
    router.route().handler(guard::host);
    loaded.assets().forEach(asset -> reads(router, asset.path()).handler(asset::serve));
    reads(router, "/metrics").handler(c -> guard.admit(c, Endpoint.STAFF, false));
    new OpsRoutes(vertx, registry, needs(), limits.databaseMs()).mount(router);
    reads(router, "/api/v1/events")
        .handler(c -> guard.admit(c, Endpoint.ALL, false))
        .handler(this::happenings);
    table = endpoints(identity, desk, happenings, loaded.description());
    new ApiRouter(guard).mount(router, table);
    if (connect != null) {
      connect.mount(router);
    }
    access
        .provider()
        .ifPresent(
            of -> {
              provider = new Provider(vertx, of, InstantSource.system(), NANOS);
              new Login(provider, identity, access, secure).mount(router);
            });
    List.of(400, 404, 405, 406, 413, 415, 500)
        .forEach(status -> router.errorHandler(status, c -> refuse(c, status)));
    return router;
  }

  /** The table of all that can be asked for, and by whom; empty before it is started. */
  List<Endpoint> table() {
    return table;
  }

  private List<Endpoint> endpoints(
      Identity identity, MailboxDesk desk, Happenings happenings, Buffer description) {
    List<Endpoint> all = new ArrayList<>();
    all.add(Endpoint.get("/api/v1/snapshot", Endpoint.STAFF, this::snapshot));
    all.addAll(
        new MeApi(identity, settings.access().provider().isPresent(), description).endpoints());
    if (parts != null) {
      all.addAll(
          new Api(
                  parts,
                  desk,
                  happenings,
                  running,
                  cache,
                  limits.tickMs(),
                  settings.access().jobsPerUser(),
                  watch)
              .endpoints());
    }
    if (parts != null && mail != null) {
      Acts acts = new Acts(new AuditLog(parts.pool()));
      connect =
          new ConnectApi(
              mail.consent(),
              mailboxes,
              parts,
              acts,
              settings.access(),
              secure(),
              identity::connected);
      all.addAll(connect.endpoints());
      all.addAll(new MessagesApi(parts.endUsers(), mail.opener()).endpoints());
    }
    return List.copyOf(all);
  }

  private boolean secure() {
    return settings.tls().isPresent()
        || settings.access().url().map(url -> url.getScheme().equals("https")).orElse(false);
  }

  private static Route reads(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  private void happenings(RoutingContext context) {
    if (context.request().method().equals(HttpMethod.HEAD)) {
      context.response().putHeader("Content-Type", "text/event-stream").end();
    } else {
      feed.join(context);
    }
  }

  private Future<Reply> snapshot(Ask ask) {
    ask.query().end();
    return figures
        .recent()
        .map(snapshot -> Reply.of(withCache(snapshot.json(running))))
        .recover(e -> Future.failedFuture(Problem.away().exception()));
  }

  private JsonObject withCache(JsonObject json) {
    if (cache == null) {
      return json;
    }
    return json.put("cache", StateApi.cacheJson(cache.get()));
  }

  private List<Probe> needs() {
    List<Probe> all = new ArrayList<>();
    all.add(new Probe("database", true, DATABASE_AWAY, () -> figures.answers().map("answers")));
    all.addAll(probes);
    return all;
  }

  private void refuse(RoutingContext context, int status) {
    if (status == 405) {
      String writes =
          table.stream()
              .filter(e -> e.isAt(context.normalizedPath()))
              .map(e -> e.writes() ? e.method().name() : "GET, HEAD")
              .distinct()
              .sorted()
              .collect(Collectors.joining(", "));
      context.response().putHeader("Allow", writes.isEmpty() ? "GET, HEAD" : writes);
    }
    if (status == 500) {
      log.error("a request to {} failed", context.normalizedPath(), context.failure());
    }
    Problem.of(status).answer(context);
  }

  private Future<Void> listen(Router router) {
    HttpServerOptions options =
        new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setHttp2ClearTextEnabled(false);
    settings
        .tls()
        .ifPresent(
            files ->
                options
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .addCertPath(files.chain().toString())
                            .addKeyPath(files.key().toString())));
    server = vertx.createHttpServer(options);
    return server
        .requestHandler(router)
        .listen(settings.port(), settings.host())
        .recover(e -> Future.failedFuture(new ConsoleException(sentence(e), e)))
        .onSuccess(listening -> port = listening.actualPort())
        .mapEmpty();
  }

  private String sentence(Throwable e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    boolean taken =
        e instanceof BindException && reason.toLowerCase(Locale.ROOT).contains("already in use");
    return taken
        ? "Port %d on %s is already in use: stop what listens there, or choose another port."
            .formatted(settings.port(), settings.host())
        : "The console cannot listen on port %d of %s: %s."
            .formatted(settings.port(), settings.host(), reason);
  }
}
