package io.millrace.engine;

import io.millrace.store.Checks;
import io.millrace.store.Jobs;
import io.millrace.store.Retention;
import io.millrace.store.Scope;
import io.millrace.store.Tallies;
import io.millrace.store.Turns;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the job tables, one instance a process: checks and repairs, the tallies, and how long
 * history is kept. Of all processes one does each of these in its interval. What is found goes to
 * the log and the event bus.
 */
final class Upkeep extends VerticleBase implements CheckRunner {
  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
  private static final int PROMOTED = 1_000;
  private static final int FOLDED = 10_000;

  private static final int TIMES_AS_RARE = 20;

  /** Checks after which there is something to claim. */
  private static final Set<String> READY_AGAIN = Set.of("unclaimed", "overdue", "overruns");

  private final UpkeepSettings settings;
  private final Jobs jobs;
  private final Turns turns;
  private final Checks checks;
  private final Tallies tallies;
  private final Retention retention;
  private final long graceMs;
  private final Map<String, Integer> attempts = new HashMap<>();
  private final Map<String, Long> timers = new HashMap<>();
  private Future<?> busy = Future.succeededFuture();
  private long checkFrom = System.nanoTime();
  private boolean stopped;

  /**
   * @param kinds that this process runs
   */
  Upkeep(UpkeepSettings settings, EngineSettings engine, Pool pool, Jobs jobs, Set<String> kinds) {
    this.settings = settings;
    this.jobs = jobs;
    this.turns = new Turns(pool);
    this.checks =
        new Checks(
            pool,
            settings.ready().toMillis(),
            settings.hard().toMillis(),
            settings.forget().toMillis());
    this.tallies = new Tallies(pool);
    this.retention = new Retention(pool, settings.retention());
    this.graceMs = engine.lease().toMillis();
    kinds.forEach(k -> attempts.put(k, engine.kind(k).attempts()));
  }

  @Override
  public Future<?> start() {
    Engine.codec(vertx, CheckFinding.class);
    arm("checks", settings.every(), this::check);
    arm("tallies", settings.tally(), this::tally);
    arm("retention", settings.retention().sweep(), this::sweep);
    return retention.keepKinds();
  }

  /** Looks several times in an interval, so that a turn whose process died is soon another's. */
  private void arm(String task, Duration every, Supplier<Future<Void>> work) {
    if (stopped) {
      return;
    }
    long ms = Math.max(10, Math.min(every.toMillis() / 2, 60_000));
    timers.put(task, vertx.setTimer(ms, id -> look(task, every, work)));
  }

  private void look(String task, Duration every, Supplier<Future<Void>> work) {
    Future<Void> done =
        turns
            .take(task, every.toMillis())
            .compose(mine -> mine && !stopped ? work.get() : Future.succeededFuture());
    busy = Future.join(busy.otherwiseEmpty(), done.otherwiseEmpty());
    done.onFailure(e -> log.warn("no {}: {}", task, e.getMessage()))
        .onComplete(v -> arm(task, every, work));
  }

  /** What has much to read, as while a session holds an old snapshot, is done more rarely. */
  private Future<Void> check() {
    long begun = System.nanoTime();
    if (begun - checkFrom < 0) {
      return Future.succeededFuture();
    }
    return checks
        .round()
        .onSuccess(v -> checkFrom = begun + TIMES_AS_RARE * (System.nanoTime() - begun))
        .compose(
            findings -> {
              Future<Void> done = Future.succeededFuture();
              for (Checks.Finding finding : findings) {
                done = done.compose(v -> repair(finding, jobs)).map(this::tell);
              }
              return done;
            });
  }

  @Override
  public List<String> names() {
    return checks.names();
  }

  @Override
  public Future<Checks.Finding> run(String name, Scope scope) {
    Promise<Checks.Finding> answer = Promise.promise();
    context.runOnContext(
        v ->
            scope
                .run(
                    p ->
                        checks
                            .run(p, name)
                            .compose(found -> repair(found, new Jobs(p, jobs.kinds()))))
                .onSuccess(this::tell)
                .onComplete(answer));
    return answer.future();
  }

  /** What takes more than the check's own statement. */
  private Future<Checks.Finding> repair(Checks.Finding finding, Jobs on) {
    if (finding.clean()) {
      return Future.succeededFuture(finding);
    }
    return switch (finding.check()) {
      case "overdue" -> on.promote(PROMOTED).map(promoted -> finding.repaired(promoted.count()));
      case "overruns" ->
          on.endings().rescue(graceMs, attempts).map(rescued -> finding.repaired(rescued.count()));
      case "bodies", "waiting" -> on.endings().cascade().map(finding);
      default -> Future.succeededFuture(finding);
    };
  }

  private Void tell(Checks.Finding finding) {
    if (!finding.clean() && READY_AGAIN.contains(finding.check())) {
      vertx.eventBus().publish(Engine.WAKE, "");
    }
    if (finding.found() > 0) {
      log.atWarn()
          .addKeyValue("check", finding.check())
          .addKeyValue("found", finding.found())
          .addKeyValue("repaired", finding.repaired())
          .log(
              "{} {} found, {} repaired: {}",
              finding.found(),
              finding.check(),
              finding.repaired(),
              finding.detail());
    }
    vertx
        .eventBus()
        .publish(
            Engine.CHECK,
            new CheckFinding(
                finding.check(), finding.found(), finding.repaired(), finding.detail()));
    return null;
  }

  private void tell(Retention.Unread unread) {
    String detail =
        "%s: not read to its end by %s, %s"
            .formatted(
                unread.table(),
                String.join(", ", unread.followers()),
                unread.lost() ? "and kept for them no longer" : "kept for them for now");
    log.warn("history that is over is unread: {}", detail);
    vertx
        .eventBus()
        .publish(Engine.CHECK, new CheckFinding("unread", unread.followers().size(), 0, detail));
  }

  private Future<Void> tally() {
    return tallies
        .fold(FOLDED)
        .compose(n -> n == FOLDED && !stopped ? tally() : Future.succeededFuture());
  }

  private Future<Void> sweep() {
    return retention
        .sweep()
        .onSuccess(
            swept -> {
              swept.unread().forEach(this::tell);
              List<String> left = swept.left();
              if (!swept.dropped().isEmpty() || !left.isEmpty()) {
                log.info(
                    "dropped {}, carried {} bodies forward{}",
                    swept.dropped(),
                    swept.carried(),
                    left.isEmpty() ? "" : "; in use or unread, and left for later: " + left);
              }
            })
        .mapEmpty();
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    timers.values().forEach(vertx::cancelTimer);
    return busy.otherwiseEmpty();
  }
}
