package io.millrace.store;

/** A run tried to write that is no longer its job's current one. Nothing was written. */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param key the run that came too late
   */
  public FencedException(RunKey key) {
    super(
        "run %d of job %d is no longer the current one".formatted(key.run(), key.id()),
        null,
        false,
        false);
  }
}
