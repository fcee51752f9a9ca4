package io.millrace.console;

/**
 * How much the console does at the most.
 *
 * @param readers event streams open at a time
 * @param shown mailboxes in one snapshot
 * @param counted mailboxes read for the totals; if there are more, the totals say "at least"
 * @param tickMs the shortest time between two reads of what all readers share, and between two
 *     words to them of jobs that changed; 0 if only what is asked for at once is shared
 * @param idleMs how often, while somebody reads events, the database is asked whether it answers
 * @param heartbeatMs how often a silent stream is shown to be alive
 * @param databaseMs how long the database may take before it is said not to answer
 */
public record ConsoleLimits(
    int readers,
    int shown,
    int counted,
    long tickMs,
    long idleMs,
    long heartbeatMs,
    long databaseMs) {
  /** What serves one machine well. */
  public static final ConsoleLimits DEFAULTS =
      new ConsoleLimits(250, 200, 10_000, 500, 2_000, 15_000, 2_000);
}
