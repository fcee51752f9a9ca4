package io.millrace.console;

import io.millrace.pipeline.MailboxWait;
import io.millrace.store.WaitReasons;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/** Why a job waits, as it is told. */
final class Waits {
  /** What tells of the work of others. */
  private static final Set<String> OF_OTHERS = Set.of("rank", "kind limit", "queue limit");

  private static final Set<MailboxWait.Reason> OF_OTHERS_WORK =
      Set.of(
          MailboxWait.Reason.TURN,
          MailboxWait.Reason.KIND_LIMIT,
          MailboxWait.Reason.QUEUE_PAUSED,
          MailboxWait.Reason.NO_WORKER);

  private Waits() {}

  /** The same without what tells an end user of others and of the machinery. */
  static JsonArray forEndUser(JsonArray causes) {
    JsonArray own = new JsonArray();
    for (Object each : causes) {
      JsonObject cause = (JsonObject) each;
      String what = cause.getString("cause");
      if (!OF_OTHERS.contains(what)) {
        own.add(what.equals("running") ? cause.copy().putNull("detail") : cause);
      }
    }
    return own;
  }

  /**
   * Likewise: whatever it is that comes first, it is not their turn yet; and what they do they do
   * in the console, not in a terminal.
   */
  static MailboxWait forEndUser(MailboxWait wait) {
    if (wait.action() == MailboxWait.Action.CONNECT) {
      boolean never = wait.reason() == MailboxWait.Reason.NOT_CONNECTED;
      return new MailboxWait(
          wait.user(),
          wait.reason(),
          wait.sentence(),
          wait.until(),
          wait.since(),
          wait.action(),
          never ? "Connect it." : "Connect it again.",
          wait.job(),
          wait.progress());
    }
    return !OF_OTHERS_WORK.contains(wait.reason())
        ? wait
        : new MailboxWait(
            wait.user(),
            MailboxWait.Reason.TURN,
            "Its sync waits for its turn.",
            wait.until(),
            wait.since(),
            MailboxWait.Action.WAIT,
            null,
            wait.job(),
            wait.progress());
  }

  static Future<JsonArray> of(WaitReasons reasons, long user, long job) {
    return reasons
        .of(user, job)
        .map(
            causes -> {
              JsonArray all = new JsonArray();
              causes.forEach(
                  cause ->
                      all.add(
                          new JsonObject()
                              .put("cause", cause.what())
                              .put("detail", cause.detail())
                              .put(
                                  "until",
                                  cause.until() == null
                                      ? null
                                      : cause.until().toInstant().toString())
                              .put("n", cause.n())));
              return all;
            });
  }
}
