package io.millrace.store;

import io.millrace.store.SyncRuns.Dead;
import io.millrace.store.SyncRuns.Fate;
import java.util.List;

/**
 * What became of ids in one transaction of a run over a mailbox.
 *
 * @param stored listed ids whose messages this transaction stored
 * @param early ids that it stored though they are not listed yet: not counted so far
 * @param caughtUp ids of the latter kind that are listed now
 * @param fates listed ids that were not stored; of those that have a fate the first counts
 * @param dead what is known of the dead ones among them
 */
public record Accounted(
    List<String> stored,
    List<String> early,
    List<String> caughtUp,
    List<Fate> fates,
    List<Dead> dead) {
  /** Nothing but what was spent. */
  public static final Accounted NONE =
      new Accounted(List.of(), List.of(), List.of(), List.of(), List.of());
}
