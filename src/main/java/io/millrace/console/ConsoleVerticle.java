package io.millrace.console;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.pipeline.SyncProgress;
import io.millrace.store.CacheFigures;
import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.BindException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
  private Figures figures;
  private LiveEvents events;
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

  /** Where it listens, once started. */
  public int port() {
    return port;
  }

  @Override
  public Future<?> start() {
    figures = new Figures(mailboxes, jobs, limits, InstantSource.system(), NANOS);
    events = new LiveEvents(vertx, figures, running, limits, NANOS);
    return vertx
        .executeBlocking(Asset::load, false)
        .compose(assets -> listen(router(assets)))
        .compose(
            v ->
                vertx
                    .eventBus()
                    .<SyncProgress>localConsumer(SyncProgress.ADDRESS, m -> events.changed())
                    .completion());
  }

  @Override
  public Future<?> stop() {
    events.close();
    return server.shutdown(0, TimeUnit.SECONDS);
  }

  private Router router(List<Asset> assets) {
    Router router = Router.router(vertx);
    router.route().handler(Answers::protect);
    assets.forEach(asset -> reads(router, asset.path()).handler(asset::serve));
    reads(router, "/events").handler(this::stream);
    reads(router, "/api/v1/mailboxes").handler(this::figures);
    new OpsRoutes(vertx, registry, needs(), limits.databaseMs()).mount(router);
    List.of(400, 404, 405, 406, 413, 415, 500)
        .forEach(status -> router.errorHandler(status, c -> refuse(c, status)));
    return router;
  }

  private static Route reads(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  private void stream(RoutingContext context) {
    if (context.request().method().equals(HttpMethod.HEAD)) {
      context.response().putHeader("Content-Type", "text/event-stream").end();
    } else if (!events.join(context.response())) {
      context.response().putHeader("Retry-After", "10");
      new Problem(503, "too_many_readers", "Too many pages are open; close one or try again later.")
          .answer(context);
    }
  }

  private void figures(RoutingContext context) {
    figures
        .recent()
        .onSuccess(snapshot -> Answers.json(context, withCache(snapshot.json(running))))
        .onFailure(e -> away(context));
  }

  private JsonObject withCache(JsonObject json) {
    if (cache == null) {
      return json;
    }
    CacheFigures now = cache.get();
    return json.put(
        "cache",
        new JsonObject()
            .put("hitRate", now.hitRate())
            .put("asks", now.asks())
            .put("memoryHits", now.memoryHits())
            .put("redisHits", now.redisHits())
            .put("shared", now.shared())
            .put("loads", now.loads())
            .put("warmed", now.warmed())
            .put("redisFailures", now.redisFailures())
            .put("redisRefused", now.redisRefused()));
  }

  private List<Probe> needs() {
    List<Probe> all = new ArrayList<>();
    all.add(new Probe("database", true, DATABASE_AWAY, () -> figures.answers().map("answers")));
    all.addAll(probes);
    return all;
  }

  private static void away(RoutingContext context) {
    context.response().putHeader("Retry-After", "2");
    new Problem(503, "database_away", DATABASE_AWAY).answer(context);
  }

  private static void refuse(RoutingContext context, int status) {
    if (status == 405) {
      context.response().putHeader("Allow", "GET, HEAD");
    }
    if (status == 500) {
      log.error("a request to {} failed", context.normalizedPath(), context.failure());
    }
    Problem.of(status).answer(context);
  }

  private Future<Void> listen(Router router) {
    server =
        vertx.createHttpServer(
            new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setHttp2ClearTextEnabled(false));
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
