package io.millrace.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The delay before the next attempt. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RetryPolicyBench {
  private final RetryPolicy policy = new RetryPolicy(Duration.ofSeconds(2), Duration.ofMinutes(1));
  private final RandomGenerator random = RandomGenerator.of("SplittableRandom");
  private int failures;

  /** One delay, of failures one to eight in turn. */
  @Benchmark
  public Duration delay() {
    failures = failures % 8 + 1;
    return policy.delay(failures, random);
  }
}
