package io.millrace.console;

import io.millrace.engine.RunObserver;
import io.millrace.google.CallWatch;
import io.millrace.store.ClaimedJob;
import io.millrace.store.Usage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers what users spend and writes it now and then, one instance a process. What cannot be
 * written waits for the next time; what came since the last time is lost with the process. Counting
 * may come from any thread.
 */
public final class Spending extends VerticleBase implements CallWatch {
  private static final Logger log = LoggerFactory.getLogger(Spending.class);
  private static final int MOST = 50_000;
  private static final long FORGET_EVERY_MS = 3_600_000;

  /** Whoever comes when there is no room for another user. */
  private static final long OTHERS = 0;

  private record Account(long user, String kind) {}

  private static final class Sums {
    final LongAdder units = new LongAdder();
    final LongAdder calls = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder tokens = new LongAdder();
  }

  private final CostSettings settings;
  private final Usage usage;
  private final String kind;
  private final AtomicReference<Map<Account, Sums>> open =
      new AtomicReference<>(new ConcurrentHashMap<>());
  private volatile OptionalDouble most = OptionalDouble.empty();
  private Future<?> writing = Future.succeededFuture();
  private boolean stopped;
  private long timer;
  private long forgetting;

  /**
   * @param kind of the jobs that call Google
   */
  public Spending(CostSettings settings, Usage usage, String kind) {
    this.settings = settings;
    this.usage = usage;
    this.kind = kind;
  }

  @Override
  public void called(long user, int count, int units) {
    Sums sums = sums(user, kind);
    sums.calls.add(count);
    sums.units.add(units);
  }

  @Override
  public void received(long user, long count) {
    sums(user, kind).bytes.add(count);
  }

  /** What is to see the runs of jobs, so that tokens they give to a model are counted. */
  public RunObserver.Seen begun(ClaimedJob job) {
    return new RunObserver.Seen() {
      @Override
      public void ended(String state, Duration took) {}

      @Override
      public void tokens(long count) {
        sums(job.key().user(), job.kind()).tokens.add(count);
      }
    };
  }

  private Sums sums(long user, String ofKind) {
    Map<Account, Sums> accounts = open.get();
    Account account = new Account(user, ofKind);
    Sums sums = accounts.get(account);
    if (sums == null) {
      Account known = accounts.size() < MOST ? account : new Account(OTHERS, kind);
      sums = accounts.computeIfAbsent(known, a -> new Sums());
    }
    return sums;
  }

  /** What the user who costs most has cost today; empty where nothing has a price. */
  public OptionalDouble most() {
    return most;
  }

  @Override
  public Future<?> start() {
    arm();
    forgetting =
        vertx.setPeriodic(
            FORGET_EVERY_MS,
            id ->
                usage
                    .forget(settings.keepDays())
                    .onFailure(e -> log.warn("no spending is forgotten: {}", e.getMessage())));
    return Future.succeededFuture();
  }

  private void arm() {
    timer = vertx.setTimer(Math.max(1, settings.every().toMillis()), id -> turn());
  }

  private void turn() {
    writing =
        write()
            .compose(v -> look())
            .onFailure(e -> log.warn("what users spent is written later: {}", e.getMessage()))
            .otherwiseEmpty()
            .onComplete(
                v -> {
                  if (!stopped) {
                    arm();
                  }
                });
  }

  /** Writes what has come; whoever counts meanwhile counts for the next time. */
  private Future<Void> write() {
    Map<Account, Sums> taken = open.getAndSet(new ConcurrentHashMap<>());
    List<Usage.Spent> spent = new ArrayList<>(taken.size());
    taken.forEach(
        (account, sums) ->
            spent.add(
                new Usage.Spent(
                    account.user(),
                    account.kind(),
                    sums.units.sum(),
                    sums.calls.sum(),
                    sums.bytes.sum(),
                    sums.tokens.sum())));
    return usage.add(spent).onFailure(e -> spent.forEach(this::again));
  }

  private void again(Usage.Spent spent) {
    Sums sums = sums(spent.user(), spent.kind());
    sums.units.add(spent.units());
    sums.calls.add(spent.calls());
    sums.bytes.add(spent.bytes());
    sums.tokens.add(spent.tokens());
  }

  private Future<Void> look() {
    if (!settings.told()) {
      return Future.succeededFuture();
    }
    return usage
        .today()
        .compose(day -> usage.dearest(day, settings.prices(), 1))
        .map(
            days -> {
              most =
                  days.stream()
                      .mapToDouble(d -> settings.of(d.units(), d.tokens(), d.bytes()))
                      .max();
              return null;
            });
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    vertx.cancelTimer(forgetting);
    return writing.eventually(this::write).otherwiseEmpty();
  }
}
