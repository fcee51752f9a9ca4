package io.millrace.console;

import io.millrace.store.Vitals;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How everything stood at one look.
 *
 * @param nanos when, by {@link System#nanoTime}
 * @param lagMs how long ago mailboxes were looked at, see {@link Vitals#lagMs}
 * @param dayUnits units of Google's day that are taken
 */
record Signs(long nanos, List<Vitals.Queue> queues, OptionalDouble lagMs, long dayUnits) {}
