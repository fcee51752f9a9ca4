package io.millrace.engine;

import io.vertx.core.Context;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that every run ends: tells those whose time is over, gives up those that do not
 * listen, and finds event loops that a handler blocks, so that no more runs are sent there. It has
 * a thread of its own, since every event loop may be the blocked one. One sweep for all costs less
 * than a timer for each run. Thread-safe.
 */
final class RunWatch {
  private static final Logger log = LoggerFactory.getLogger(RunWatch.class);
  private static final long EVERY_MS = 50;
  private static final int FRAMES = 8;
  private static final int NAMED = 5;

  /** An event loop on which runs live. */
  static final class Loop {
    final Context context;
    private final AtomicInteger unanswered = new AtomicInteger();
    private long pinged;
    private volatile Thread thread;
    private volatile boolean blocked;

    /** The run whose handler is just being called, or null. */
    volatile JobRun<?> inside;

    private Loop(Context context) {
      this.context = context;
      context.runOnContext(v -> thread = Thread.currentThread());
    }

    boolean blocked() {
      return blocked;
    }
  }

  private final List<Loop> loops;
  private final long blockedNanos;
  private final Set<JobRun<?>> runs = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();
  private final ScheduledExecutorService clockwork;
  private final ScheduledFuture<?> looks;

  /**
   * @param contexts of event loops, at least one
   */
  RunWatch(List<Context> contexts, EngineSettings settings) {
    this.loops = contexts.stream().map(Loop::new).toList();
    this.blockedNanos = settings.blocked().toNanos();
    this.clockwork =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "millrace-run-watch");
              thread.setDaemon(true);
              return thread;
            });
    this.looks =
        clockwork.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  /** The loop for the next run: in turn, but not one that is blocked if there is another. */
  Loop next() {
    for (int i = 0; i < loops.size(); i++) {
      Loop loop = loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
      if (!loop.blocked) {
        return loop;
      }
    }
    return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
  }

  void add(JobRun<?> run) {
    runs.add(run);
  }

  void remove(JobRun<?> run) {
    runs.remove(run);
  }

  void close() {
    looks.cancel(false);
    clockwork.shutdown();
  }

  private void look() {
    try {
      if (!runs.isEmpty()) {
        long now = System.nanoTime();
        loops.forEach(loop -> listen(loop, now));
        runs.forEach(run -> run.tick(now));
      }
    } catch (RuntimeException e) {
      // An exception would end the clockwork, and with it every deadline.
      log.error("a look at the runs failed", e);
    }
  }

  /** Asks a loop for a sign of life, and notices when the last one has not come. */
  private void listen(Loop loop, long now) {
    if (loop.unanswered.get() == 0) {
      loop.blocked = false;
      loop.unanswered.set(1);
      loop.pinged = now;
      loop.context.runOnContext(
          v -> {
            loop.thread = Thread.currentThread();
            loop.unanswered.set(0);
          });
    } else if (!loop.blocked && now - loop.pinged > blockedNanos) {
      loop.blocked = true;
      accuse(loop, (now - loop.pinged) / 1_000_000);
    }
  }

  private void accuse(Loop loop, long ms) {
    StackTraceElement[] stack =
        loop.thread == null ? new StackTraceElement[0] : loop.thread.getStackTrace();
    String where =
        Arrays.stream(stack)
            .limit(FRAMES)
            .map(StackTraceElement::toString)
            .collect(Collectors.joining(" < "));
    List<JobRun<?>> there =
        runs.stream().filter(r -> r.loop() == loop && r.started()).limit(1_000).toList();
    JobRun<?> culprit = loop.inside;
    if (culprit == null) {
      culprit =
          there.stream()
              .filter(r -> Arrays.stream(stack).anyMatch(f -> r.runs(f.getClassName())))
              .findFirst()
              .orElse(there.size() == 1 ? there.get(0) : null);
    }
    if (culprit == null) {
      log.atWarn()
          .addKeyValue("ms", ms)
          .log(
              "an event loop is blocked for {} ms by one of {} runs, among them {}; at {}",
              ms,
              there.size(),
              there.stream().limit(NAMED).map(JobRun::name).collect(Collectors.joining(", ")),
              where);
    } else {
      log.atWarn()
          .addKeyValue("job", culprit.key().id())
          .addKeyValue("kind", culprit.kind())
          .addKeyValue("ms", ms)
          .log(
              "{} blocks its event loop for {} ms; a handler that blocks declares threading(); at {}",
              culprit.name(),
              ms,
              where);
    }
  }
}
