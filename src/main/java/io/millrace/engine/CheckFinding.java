package io.millrace.engine;

/**
 * A check was run, published on {@link Engine#CHECK}.
 *
 * @param check its name, as in {@code sql/check_<name>.sql}, or unread: a day of history is over
 *     that followers of the stream of changes have not read
 * @param found what was wrong; 0 for nothing, or mere housekeeping
 * @param repaired what was set right or cleared away
 * @param detail an example for a person, or null
 */
public record CheckFinding(String check, long found, long repaired, String detail) {}
