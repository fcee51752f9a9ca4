package io.millrace.console;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.engine.RunObserver;
import io.millrace.google.CallWatch;
import io.millrace.limit.LimitChanged;
import io.millrace.limit.QuotaLimits;
import io.millrace.store.ClaimedJob;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what happens in this process: runs of jobs, calls to Google, changes of limits. Every
 * series is made at the start or by a kind that is new, of which only so many have a name: nobody
 * who sends mail or enqueues jobs can make more. Thread-safe.
 */
public final class Meters implements RunObserver, CallWatch {
  /** Kinds beyond those that this process runs which have series of their own. */
  static final int MORE_KINDS = 24;

  private static final List<String> ENDS =
      List.of("completed", "skipped", "cancelled", "dead", "retried", "yielded", "lost");
  private static final List<String> LIMITS =
      List.of("quota:user", "quota:project", "quota:day", "concurrency", "memory", "breaker");
  private static final Duration[] RUN_BUCKETS = {
    Duration.ofMillis(100),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5)
  };
  private static final Duration[] CALL_BUCKETS = {
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5)
  };

  private record Pair(String first, String second) {}

  private final MeterRegistry registry;
  private final Bounded kinds;
  private final TopSpender users;
  private final Map<Pair, Timer> runs = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> running = new ConcurrentHashMap<>();
  private final Map<Pair, Timer> calls = new ConcurrentHashMap<>();
  private final Map<String, Counter> changes = new ConcurrentHashMap<>();
  private final Counter units;
  private final Counter bytes;
  private final Counter throttled;
  private final Tallied attempts = new Tallied();
  private final Tallied answers = new Tallied();

  /**
   * @param known the kinds that this process runs
   * @param minute of Google's
   */
  public Meters(MeterRegistry registry, Collection<String> known, Duration minute) {
    this.registry = registry;
    this.kinds = new Bounded(known, MORE_KINDS);
    this.users = new TopSpender(minute.toNanos(), System.nanoTime());
    this.units = counter("millrace.google.units", "units of quota spent by calls to Google");
    this.bytes =
        counter("millrace.google.received.bytes", "bytes of Google's answers as they came");
    this.throttled = counter("millrace.google.throttled", "refusals for quota or concurrency");
    Gauge.builder("millrace.quota.user.most.units", this, m -> m.users.units(System.nanoTime()))
        .description("units of the user who spent most in a minute")
        .register(registry);
    known.forEach(
        kind -> {
          running(kind);
          ENDS.forEach(end -> run(new Pair(kind, end)));
        });
    METHODS.forEach(method -> ANSWERS.forEach(answer -> call(new Pair(method, answer))));
    LIMITS.forEach(this::change);
  }

  private Counter counter(String name, String what) {
    return Counter.builder(name).description(what).register(registry);
  }

  /** The name of a kind as a label: its own or {@code other}. */
  String kind(String name) {
    return kinds.of(name);
  }

  /** What is used of what Google allows: of the minute by this process, of the day by all. */
  public List<Watch.QuotaUse> used(QuotaLimits limits, VitalSigns signs) {
    long now = System.nanoTime();
    Signs seen = signs.latest();
    return List.of(
        new Watch.QuotaUse(
            "user", users.units(now), limits.userPerMinute(), "the user who spends most here"),
        new Watch.QuotaUse(
            "project", users.allUnits(now), limits.projectPerMinute(), "all users of this process"),
        new Watch.QuotaUse(
            "day", seen == null ? 0 : seen.dayUnits(), limits.projectPerDay(), "all processes"));
  }

  /** Attempts of this process so far, and how many of them failed. */
  Tallied attempts() {
    return attempts;
  }

  /** Requests to Google that were answered or given up, and their times. */
  Tallied answers() {
    return answers;
  }

  @Override
  public Seen begun(ClaimedJob job) {
    String kind = kinds.of(job.kind());
    AtomicLong now = running(kind);
    now.incrementAndGet();
    return (state, took) -> {
      now.decrementAndGet();
      run(new Pair(kind, ENDS.contains(state) ? state : Bounded.OTHER)).record(took);
      if (!state.equals("yielded") && !state.equals("lost")) {
        attempts.add(state.equals("retried") || state.equals("dead"), took.toNanos());
      }
    };
  }

  @Override
  public void called(long user, int count, int spent) {
    units.increment(spent);
    users.spend(user, spent, System.nanoTime());
  }

  @Override
  public void received(long user, long count) {
    bytes.increment((double) count);
  }

  @Override
  public void throttled(int refusals) {
    throttled.increment(refusals);
  }

  @Override
  public void answered(String method, String answer, long nanos) {
    String known = METHODS.contains(method) ? method : Bounded.OTHER;
    call(new Pair(known, ANSWERS.contains(answer) ? answer : "failed"))
        .record(nanos, TimeUnit.NANOSECONDS);
    answers.add(answer.equals("failed") || answer.equals("no_answer"), nanos);
  }

  /** Takes in that a limit has changed. */
  public void changed(LimitChanged change) {
    change(
            LIMITS.stream()
                .filter(l -> change.what().startsWith(l))
                .findFirst()
                .orElse(Bounded.OTHER))
        .increment();
  }

  private AtomicLong running(String kind) {
    return running.computeIfAbsent(
        kind,
        k -> {
          AtomicLong now = new AtomicLong();
          Gauge.builder("millrace.jobs.running", now, AtomicLong::doubleValue)
              .description("runs under way in this process")
              .tag("kind", k)
              .register(registry);
          return now;
        });
  }

  private Timer run(Pair labels) {
    return runs.computeIfAbsent(
        labels,
        l ->
            Timer.builder("millrace.job.runs")
                .description("runs of jobs from claim to end, by how they ended")
                .tag("kind", l.first())
                .tag("outcome", l.second())
                .serviceLevelObjectives(RUN_BUCKETS)
                .register(registry));
  }

  private Timer call(Pair labels) {
    return calls.computeIfAbsent(
        labels,
        l ->
            Timer.builder("millrace.google.calls")
                .description("requests to Google from being written to the end of the answer")
                .tag("method", l.first())
                .tag("answer", l.second())
                .serviceLevelObjectives(CALL_BUCKETS)
                .register(registry));
  }

  private Counter change(String limit) {
    return changes.computeIfAbsent(
        limit,
        l ->
            Counter.builder("millrace.limit.changes")
                .description("changes of limits that adapt")
                .tag("limit", l)
                .register(registry));
  }
}
