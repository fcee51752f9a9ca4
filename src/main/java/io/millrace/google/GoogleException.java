package io.millrace.google;

/** A {@link GoogleFailure} that ends a future or a stream. Carries no stack trace. */
public final class GoogleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient GoogleFailure failure;

  public GoogleException(GoogleFailure failure) {
    super(failure.sentence(), null, false, false);
    this.failure = failure;
  }

  /** Never null. */
  public GoogleFailure failure() {
    return failure;
  }
}
