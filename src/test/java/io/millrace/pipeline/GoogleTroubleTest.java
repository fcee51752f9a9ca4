package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.engine.FailureClass;
import io.millrace.engine.JobFailure;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each failure of Google's is of a class that the engine has a strategy for. */
class GoogleTroubleTest {
  @Test
  void eachFailureHasItsClass() {
    Instant until = Instant.parse("2030-01-01T00:00:00Z");
    Map<GoogleFailure, FailureClass> expected =
        Map.of(
            new GoogleFailure.QuotaExceeded(false, until), FailureClass.QUOTA,
            new GoogleFailure.TooConcurrent(), FailureClass.RATE_LIMIT,
            new GoogleFailure.Unauthorized(), FailureClass.AUTHENTICATION,
            new GoogleFailure.DeadGrant("revoked"), FailureClass.AUTHENTICATION,
            new GoogleFailure.Denied("accessNotConfigured", "x"), FailureClass.AUTHENTICATION,
            new GoogleFailure.NotFound(), FailureClass.PERMANENT,
            new GoogleFailure.BadRequest("x"), FailureClass.PERMANENT,
            new GoogleFailure.Unavailable("503"), FailureClass.TRANSIENT,
            new GoogleFailure.Malformed("html"), FailureClass.TRANSIENT,
            new GoogleFailure.TooLarge(1), FailureClass.DATA);
    expected.forEach(
        (failure, failureClass) -> {
          JobFailure told = GoogleTrouble.of(new GoogleException(failure));
          assertEquals(failureClass, told.failureClass(), failure.sentence());
          assertEquals(
              failure instanceof GoogleFailure.QuotaExceeded ? until : null, told.retryAt());
        });
  }
}
