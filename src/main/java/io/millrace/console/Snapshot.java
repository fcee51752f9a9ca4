package io.millrace.console;

import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * All mailboxes as committed when the database was last read: sums over all, rows for some.
 *
 * @param at when it was read
 * @param shown the mailboxes that have a row, in the order of the rows
 */
record Snapshot(Instant at, Totals totals, List<Mailboxes.State> shown) {

  /**
   * Sums up, and chooses the rows. While all have a row they stand in the order given, so that none
   * moves under the reader's eyes; else those not in sync or in trouble come first.
   *
   * @param atLeast whether there are more mailboxes than these
   */
  static Snapshot of(
      Instant at,
      List<Mailboxes.State> states,
      boolean atLeast,
      Jobs.Unfinished jobs,
      int mostShown) {
    List<Mailboxes.State> shown =
        states.size() <= mostShown
            ? List.copyOf(states)
            : states.stream()
                .sorted(Comparator.comparing(Snapshot::atRest))
                .limit(mostShown)
                .toList();
    return new Snapshot(at, Totals.of(states, atLeast, jobs), shown);
  }

  static boolean inSync(Mailboxes.State state) {
    return state.phase().equals("complete");
  }

  private static boolean atRest(Mailboxes.State state) {
    return inSync(state) && state.trouble() == null;
  }

  /** Everything. */
  JsonObject json(Running running) {
    return head().put("running", running.json()).put("mailboxes", rows(shown));
  }

  private JsonObject head() {
    return new JsonObject()
        .put("at", at.toString())
        .put("totals", totals.json())
        .put("rest", totals.mailboxes() - shown.size());
  }

  private static JsonArray rows(List<Mailboxes.State> states) {
    JsonArray rows = new JsonArray();
    states.forEach(state -> rows.add(row(state)));
    return rows;
  }

  private static JsonObject row(Mailboxes.State state) {
    return new JsonObject()
        .put("user", state.user())
        .put("email", state.email())
        .put("phase", state.phase())
        .put("estimate", state.estimate())
        .put("accounted", state.listed())
        .put("stored", state.stored())
        .put("duplicate", state.duplicate())
        .put("gone", state.gone())
        .put("deadLettered", state.deadLettered())
        .put("unitsSpent", state.unitsSpent())
        .put("throttled", state.throttled())
        .put("trouble", state.trouble())
        .put("complete", state.incomplete() == null)
        .put("why", state.incomplete());
  }
}
