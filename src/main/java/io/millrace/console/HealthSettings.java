package io.millrace.console;

import java.time.Duration;

/**
 * How the health of queues is followed: configuration section {@code health}.
 *
 * @param sample between two samples that are kept
 * @param keepDays for which they are kept
 * @param minDays of an hour without which nothing is called unusual
 * @param deviations how many median deviations from the median make an hour unusual
 */
public record HealthSettings(Duration sample, int keepDays, int minDays, double deviations) {}
