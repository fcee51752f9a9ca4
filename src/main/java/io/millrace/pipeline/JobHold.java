package io.millrace.pipeline;

import io.millrace.pipeline.MailboxWait.Action;
import io.millrace.pipeline.MailboxWait.Reason;
import io.millrace.store.WaitReasons.Cause;
import java.util.List;
import java.util.Optional;

/** What holds back every job like a mailbox's sync: nobody runs them, or enough run. Pure. */
record JobHold(Reason reason, String sentence, Action action, String remedy) {
  /** What no time mends: the kind or its queue is paused, or no worker knows it. */
  static Optional<JobHold> standstill(List<Cause> causes) {
    return causes.stream().flatMap(cause -> standstill(cause).stream()).findFirst();
  }

  private static Optional<JobHold> standstill(Cause cause) {
    return switch (cause.what()) {
      case "paused" ->
          Optional.of(
              new JobHold(
                  Reason.QUEUE_PAUSED,
                  "Its sync stands still: the " + cause.detail() + " is paused.",
                  Action.RESUME_QUEUE,
                  "Resume the " + cause.detail() + "."));
      case "no worker" ->
          Optional.of(
              new JobHold(
                  Reason.NO_WORKER,
                  "Nobody could run its sync: " + cause.detail() + ".",
                  Action.START_WORKER,
                  "Start Millrace on this database, or look why it has stopped."));
      default -> Optional.empty();
    };
  }

  /** A limit over all processes that is reached. */
  static Optional<JobHold> limit(List<Cause> causes) {
    return causes.stream().flatMap(cause -> limit(cause).stream()).findFirst();
  }

  private static Optional<JobHold> limit(Cause cause) {
    return switch (cause.what()) {
      case "user limit", "key limit" ->
          Optional.of(
              new JobHold(
                  Reason.USER_LIMIT,
                  "As many jobs of this user run as may: %d.".formatted(cause.n()),
                  Action.RAISE_LIMIT,
                  "Raise the limit of the kind per user or key, or wait for one of them to end."));
      case "kind limit" -> Optional.of(reached("syncs", cause.n()));
      case "queue limit" -> Optional.of(reached("jobs of queue " + cause.detail(), cause.n()));
      default -> Optional.empty();
    };
  }

  private static JobHold reached(String what, long limit) {
    return new JobHold(
        Reason.KIND_LIMIT,
        "As many %s run as may: %d.".formatted(what, limit),
        Action.RAISE_LIMIT,
        "Raise the limit, or wait for one of them to end.");
  }
}
