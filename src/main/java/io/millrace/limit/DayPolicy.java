package io.millrace.limit;

/** What is done about the project's threshold of the day: {@code quota.dayThreshold}. */
public enum DayPolicy {
  /** No unit beyond it; what waits goes on when the day turns. */
  STOP,
  /** From four fifths of it on, what is left is spread over the rest of the day. */
  SLOW,
  /** It is told, and passed: Google sends a bill. */
  WARN
}
