package io.millrace.google;

/**
 * How often in a row something went wrong. Requests that were in flight together fail together:
 * that counts once. Instants are nanoseconds of one monotonic clock. Used on one context only.
 */
final class Streak {
  private int length;
  private long last;

  /** A request failed that was started then. */
  void add(long started, long now) {
    if (length == 0 || started - last >= 0) {
      length++;
      last = now;
    }
  }

  /** Something went well. */
  void end() {
    length = 0;
  }

  int length() {
    return length;
  }
}
