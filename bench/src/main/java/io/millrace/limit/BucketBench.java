package io.millrace.limit;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A quota bucket as the quota verticle uses it: look, spend, lease more in time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BucketBench {
  private static final long STEP = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long SLICE = TimeUnit.SECONDS.toNanos(2);

  private final Bucket bucket =
      new Bucket(15_000, TimeUnit.MINUTES.toNanos(1), TimeUnit.MILLISECONDS.toNanos(400), 1_000);
  private long now;
  private long leasedUntil;

  /** One grant, every 5 ms of the bucket's time. */
  @Benchmark
  public long grant() {
    now += STEP;
    if (bucket.runsOut(now, SLICE / 2)) {
      long from = Math.max(now, leasedUntil);
      leasedUntil = from + SLICE;
      bucket.extend(from, leasedUntil, from, leasedUntil);
    }
    if (bucket.available(now) >= 5) {
      bucket.spend(5, now);
      return 0;
    }
    return bucket.notBefore(5, now);
  }
}
