package io.millrace.engine;

/** A payload is not what its kind accepts. Nothing was written, no handler saw it. */
public final class PayloadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String reason;

  /**
   * @param path where, as a JSON path: {@code $.ids[3]}; {@code $} is the payload itself
   * @param reason what is wrong there, and what would be right
   */
  PayloadException(String kind, String path, String reason) {
    super(
        "The payload of a %s job is refused at %s: %s".formatted(kind, path, reason),
        null,
        false,
        false);
    this.path = path;
    this.reason = reason;
  }

  /** Where, as a JSON path; never null. */
  public String path() {
    return path;
  }

  /** What is wrong there; never null. */
  public String reason() {
    return reason;
  }
}
