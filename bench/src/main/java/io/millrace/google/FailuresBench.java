package io.millrace.google;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What an error answer of Google's means. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FailuresBench {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  private final byte[] quota =
      error(
          429,
          "rateLimitExceeded",
          "User-rate limit exceeded.  Retry after 2026-11-01T12:00:30.000Z",
          "RESOURCE_EXHAUSTED");
  private final byte[] gone =
      error(404, "notFound", "Requested entity was not found.", "NOT_FOUND");

  private static byte[] error(int code, String reason, String message, String status) {
    return """
    {"error": {"code": %d, "message": "%s", "errors": [{"message": "%s", "domain": "global",
      "reason": "%s"}], "status": "%s"}}
    """
        .formatted(code, message, message, reason, status)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** A 429 that names an instant. */
  @Benchmark
  public GoogleFailure quotaExceeded() {
    return Failures.classify(429, name -> null, quota, NOW);
  }

  /** A 404. */
  @Benchmark
  public GoogleFailure notFound() {
    return Failures.classify(404, name -> null, gone, NOW);
  }
}
