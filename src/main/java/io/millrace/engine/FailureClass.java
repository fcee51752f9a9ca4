package io.millrace.engine;

/** What sort of failure it was: all that decides whether, when and how often to try again. */
public enum FailureClass {
  /** May pass by itself: a cut connection, a deadlock, a 503, an error nobody knows. */
  TRANSIENT("transient"),
  /** Fails again however long one waits. */
  PERMANENT("permanent"),
  /** Too fast or too many at once; the other side wants a pause. */
  RATE_LIMIT("rateLimit"),
  /** What may be used in a minute, a day or a month is used up. */
  QUOTA("quota"),
  /** Took longer than it may. */
  TIMEOUT("timeout"),
  /** The database was away, full, or had others to serve first: what was tried is undone. */
  DATABASE("database"),
  /** Not let in: somebody may have to renew a grant or a password. */
  AUTHENTICATION("authentication"),
  /** What was read or written makes no sense, and will make none next time. */
  DATA("data");

  private final String key;

  FailureClass(String key) {
    this.key = key;
  }

  /** The name in the configuration ({@code retry.<key>}) and in error records. */
  public String key() {
    return key;
  }
}
