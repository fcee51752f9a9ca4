package io.millrace.engine;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A payload on its way to the handler: judged and made a record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PayloadBench {
  /** One number. */
  public record Small(int n) {}

  /** As of a batch of messages. */
  public record Ids(List<String> ids) {}

  private record Kind<P>(Class<P> payload, String schema) implements JobHandler<P> {
    @Override
    public String kind() {
      return "bench";
    }

    @Override
    public Future<Outcome> run(JobContext<P> job) {
      return Future.succeededFuture();
    }
  }

  private static final String SMALL = "{\"n\": 12345}";
  private static final String IDS =
      IntStream.range(0, 250)
          .mapToObj(i -> "\"18f3a2b4c5d6" + (1_000 + i) + "\"")
          .collect(Collectors.joining(",", "{\"ids\":[", "]}"));

  private final PayloadForm<Small> derivedSmall = PayloadForm.of(new Kind<>(Small.class, null));
  private final PayloadForm<Ids> derivedIds = PayloadForm.of(new Kind<>(Ids.class, null));
  private final PayloadForm<Small> writtenSmall =
      PayloadForm.of(new Kind<>(Small.class, DerivedSchema.of(Small.class).encode()));
  private final PayloadForm<Ids> writtenIds =
      PayloadForm.of(new Kind<>(Ids.class, DerivedSchema.of(Ids.class).encode()));

  /** One field, judged by strict binding. */
  @Benchmark
  public Small derivedSchemaOneField() {
    return derivedSmall.read(SMALL);
  }

  /** One field, judged by the validator of JSON Schema and then bound. */
  @Benchmark
  public Small writtenSchemaOneField() {
    return writtenSmall.read(SMALL);
  }

  /** 250 ids, judged by strict binding. */
  @Benchmark
  public Ids derivedSchema250Ids() {
    return derivedIds.read(IDS);
  }

  /** 250 ids, judged by the validator of JSON Schema and then bound. */
  @Benchmark
  public Ids writtenSchema250Ids() {
    return writtenIds.read(IDS);
  }
}
