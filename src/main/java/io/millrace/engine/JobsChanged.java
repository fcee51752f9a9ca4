package io.millrace.engine;

import java.util.List;
import java.util.Map;

/**
 * What this process has committed in the last tenth of a second, published on {@link
 * Engine#CHANGED}. A hint for whoever shows live figures; the stream in the database is the truth.
 *
 * @param counts by kind, how many jobs came into each state: running, completed, skipped,
 *     cancelled, dead, postponed (they go on later), or ended if the handler's own transaction
 *     wrote it
 * @param jobs the ids of the first hundred of them
 */
public record JobsChanged(Map<String, Map<String, Integer>> counts, List<Long> jobs) {}
