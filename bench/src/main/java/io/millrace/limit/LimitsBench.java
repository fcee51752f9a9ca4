package io.millrace.limit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The limits that learn: one sample each, a failure now and then. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LimitsBench {
  private static final long STEP = TimeUnit.MILLISECONDS.toNanos(5);

  private final AdaptiveConcurrency adaptive =
      new AdaptiveConcurrency(
          new ConcurrencySettings(15, 5, 25, 0.15, 0.05, 20, Duration.ofSeconds(10)));
  private final AimdLimit aimd = new AimdLimit();
  private final GradientLimit gradient = new GradientLimit(10, 1, 50);
  private final ErrorWindow window = new ErrorWindow(TimeUnit.SECONDS.toNanos(30));
  private final MemoryGovernor memory =
      new MemoryGovernor(new MemorySettings(0.75, 0.8, 0.9, Duration.ofSeconds(1)));
  private long now;
  private int turn;

  private boolean fails() {
    now += STEP;
    return ++turn % 13 == 0;
  }

  /** A run has ended. */
  @Benchmark
  public int adaptive() {
    return adaptive.sample(fails(), STEP, adaptive.limit(), now);
  }

  /** A request was answered. */
  @Benchmark
  public int aimd() {
    return aimd.sample(fails(), aimd.limit(), now - STEP, now);
  }

  /** A call has ended. */
  @Benchmark
  public int gradient() {
    return gradient.sample(fails(), STEP + turn % 7 * 1_000L, gradient.limit());
  }

  /** A call has ended, and the breaker asks whether to open. */
  @Benchmark
  public boolean window() {
    window.add(fails(), now);
    return window.failing(0.5, 10, now);
  }

  /** Memory was read. */
  @Benchmark
  public MemoryGovernor.Level memory() {
    fails();
    return memory.sample(turn % 100 / 100.0);
  }
}
