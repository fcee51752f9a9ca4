package io.millrace.engine;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What follows from a failure. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FailurePolicyBench {
  private final FailurePolicy policy = FailurePolicy.DEFAULT;
  private final RandomGenerator random = RandomGenerator.of("SplittableRandom");
  private final FailureClass[] classes = FailureClass.values();
  private final Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private int turn;

  /** One decision, over all classes and up to four attempts spent. */
  @Benchmark
  public FailurePolicy.Decision decide() {
    turn++;
    return policy.decide(
        new Diagnosis(classes[turn % classes.length], null), turn % 5, turn % 10, 5, now, random);
  }
}
