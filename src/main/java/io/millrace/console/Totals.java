package io.millrace.console;

import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The sums over all mailboxes.
 *
 * @param atLeast whether there are more mailboxes than were counted
 * @param remaining messages not yet accounted for, by the estimates of mailboxes not yet in sync
 * @param jobsLeft jobs that will still run
 * @param jobsDead jobs that will not unless somebody redrives them
 */
record Totals(
    int mailboxes,
    boolean atLeast,
    int inSync,
    int inTrouble,
    long accounted,
    long remaining,
    long stored,
    long duplicate,
    long gone,
    long deadLettered,
    long unitsSpent,
    long jobsLeft,
    long jobsDead) {

  static Totals of(List<Mailboxes.State> states, boolean atLeast, Jobs.Unfinished jobs) {
    int inSync = 0;
    int inTrouble = 0;
    long accounted = 0;
    long remaining = 0;
    long stored = 0;
    long duplicate = 0;
    long gone = 0;
    long deadLettered = 0;
    long unitsSpent = 0;
    for (Mailboxes.State state : states) {
      if (Snapshot.inSync(state)) {
        inSync++;
      } else {
        remaining += Math.max(0, state.estimate() - state.listed());
      }
      inTrouble += state.trouble() == null ? 0 : 1;
      accounted += state.listed();
      stored += state.stored();
      duplicate += state.duplicate();
      gone += state.gone();
      deadLettered += state.deadLettered();
      unitsSpent += state.unitsSpent();
    }
    return new Totals(
        states.size(),
        atLeast,
        inSync,
        inTrouble,
        accounted,
        remaining,
        stored,
        duplicate,
        gone,
        deadLettered,
        unitsSpent,
        jobs.live(),
        jobs.dead());
  }

  JsonObject json() {
    return new JsonObject()
        .put("mailboxes", mailboxes)
        .put("atLeast", atLeast)
        .put("inSync", inSync)
        .put("inTrouble", inTrouble)
        .put("accounted", accounted)
        .put("remaining", remaining)
        .put("stored", stored)
        .put("duplicate", duplicate)
        .put("gone", gone)
        .put("deadLettered", deadLettered)
        .put("unitsSpent", unitsSpent)
        .put("jobsLeft", jobsLeft)
        .put("jobsDead", jobsDead);
  }
}
