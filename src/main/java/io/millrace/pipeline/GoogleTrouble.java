package io.millrace.pipeline;

import io.millrace.engine.FailureClass;
import io.millrace.engine.JobFailure;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import java.time.Instant;

/** What a failure of Google's means to the engine: its class, and when to come back. Pure. */
final class GoogleTrouble {
  private GoogleTrouble() {}

  static JobFailure of(GoogleException failure) {
    Instant until =
        failure.failure() instanceof GoogleFailure.QuotaExceeded quota ? quota.until() : null;
    return new JobFailure(
        failureClass(failure.failure()), failure.failure().sentence(), until, failure);
  }

  private static FailureClass failureClass(GoogleFailure failure) {
    if (failure instanceof GoogleFailure.QuotaExceeded) {
      return FailureClass.QUOTA;
    }
    if (failure instanceof GoogleFailure.TooConcurrent) {
      return FailureClass.RATE_LIMIT;
    }
    if (failure.shutsOut()) {
      return FailureClass.AUTHENTICATION;
    }
    if (failure instanceof GoogleFailure.TooLarge) {
      return FailureClass.DATA;
    }
    if (failure instanceof GoogleFailure.NotFound || failure instanceof GoogleFailure.BadRequest) {
      return FailureClass.PERMANENT;
    }
    // Unavailable; and an answer that makes no sense may make some next time.
    return FailureClass.TRANSIENT;
  }
}
