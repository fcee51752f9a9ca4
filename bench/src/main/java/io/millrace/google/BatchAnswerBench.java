package io.millrace.google;

import io.millrace.bench.MailSample;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Reading a batch of fifty messages, payloads deflated as they are stored; per message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BatchAnswerBench {
  private static final int PARTS = 50;
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  /** How much of each message there is. */
  @Param({"metadata", "full"})
  public String format;

  private MailSample sample;
  private MessageFormat fetched;

  /** Fetches the answer that is read again and again. */
  @Setup
  public void fetch() throws Exception {
    sample = MailSample.of(format, PARTS);
    fetched = MessageFormat.valueOf(format.toUpperCase(Locale.ROOT));
    long sound = read().stream().filter(part -> part.data() != null).count();
    if (sound != PARTS) {
      throw new IllegalStateException("only " + sound + " messages of " + PARTS + " are sound");
    }
  }

  /** The whole answer. */
  @Benchmark
  @OperationsPerInvocation(PARTS)
  public List<PartResult> read() {
    return BatchAnswer.read(sample.batch(), sample.contentType(), sample.ids(), fetched, NOW);
  }
}
