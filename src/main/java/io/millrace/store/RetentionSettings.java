package io.millrace.store;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long finished jobs and the audit log are kept: configuration section {@code retention}.
 *
 * @param days for kinds that have no number of their own, 1 to 3650
 * @param unreadDays how many days more, 0 to 3650, what a follower of the stream of changes has not
 *     read yet is kept for it
 * @param sweep the time between two sweeps, over all processes
 * @param kinds days by the name of the kind, 1 to 3650; a value of null is {@code days}, and a kind
 *     that is not named stays as the database has it
 * @param auditDays how many days rows of the audit log are kept, 30 to 3650
 */
public record RetentionSettings(
    int days, int unreadDays, Duration sweep, Map<String, Integer> kinds, int auditDays) {
  /** What holds without configuration. */
  public static final RetentionSettings DEFAULT =
      new RetentionSettings(7, 7, Duration.ofHours(1), Map.of(), 400);

  private static final int MOST = 3_650;

  /** Refuses numbers of days that are out of their ranges. */
  public RetentionSettings {
    kept(days, 1, "Finished jobs are");
    kept(unreadDays, 0, "What is unread is");
    kept(auditDays, 30, "The audit log is");
    kinds.forEach(
        (kind, own) -> {
          if (own != null) {
            kept(own, 1, "Finished jobs of kind " + kind + " are");
          }
        });
    kinds = Collections.unmodifiableMap(new TreeMap<>(kinds));
  }

  /** With the usual audit log. */
  public RetentionSettings(int days, int unreadDays, Duration sweep, Map<String, Integer> kinds) {
    this(days, unreadDays, sweep, kinds, DEFAULT.auditDays());
  }

  private static void kept(int days, int least, String what) {
    if (days < least || days > MOST) {
      throw new IllegalArgumentException(
          what + " kept for " + least + " to " + MOST + " days, not for " + days + ".");
    }
  }
}
