package io.millrace.engine;

import io.millrace.store.RetentionSettings;
import java.time.Duration;

/**
 * How often the job tables are looked after, and what counts as stuck: configuration sections
 * {@code stuck} and {@code retention}.
 *
 * @param every the time between two rounds of checks, over all processes
 * @param ready how long a job may be ready without being claimed
 * @param hard how long a run may take that is past its own deadline
 * @param forget after how long a worker that is gone is forgotten
 * @param tally the time between two looks at the stream of changes
 * @param retention how long finished jobs are kept
 */
public record UpkeepSettings(
    Duration every,
    Duration ready,
    Duration hard,
    Duration forget,
    Duration tally,
    RetentionSettings retention) {
  /** What holds without configuration. */
  public static final UpkeepSettings DEFAULT =
      new UpkeepSettings(
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofDays(1),
          Duration.ofSeconds(1),
          RetentionSettings.DEFAULT);
}
