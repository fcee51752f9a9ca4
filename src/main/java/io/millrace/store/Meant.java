package io.millrace.store;

import java.time.Instant;

/**
 * How many a filter means at an instant: an act that is bounded by it touches nothing that came
 * later.
 *
 * @param count how many there are
 * @param atLeast whether there may be more: how many are looked at is bounded
 * @param at when they were counted, by the database's clock
 * @param upTo the highest id that any job has been given; 0 where that does not bound anything
 */
public record Meant(long count, boolean atLeast, Instant at, long upTo) {
  /** Rows that are looked at to count those that are meant. */
  public static final int LOOKED_AT = 100_000;
}
