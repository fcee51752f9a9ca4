package io.millrace.sim;

/** Ends a call with an error of Google's. Thrown often, so without a stack trace. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient GoogleError error;

  ApiException(GoogleError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  GoogleError error() {
    return error;
  }
}
