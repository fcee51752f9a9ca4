package io.millrace.limit;

import java.time.Duration;

/**
 * From which shares of its memory on the process takes on less: configuration section {@code
 * memory}.
 *
 * @param shed above this half as much is claimed and held, 0 to 1
 * @param warn above this a quarter, at least {@code shed}
 * @param critical above this as little as keeps things moving, at least {@code warn}
 * @param every the time between two looks
 */
public record MemorySettings(double shed, double warn, double critical, Duration every) {}
