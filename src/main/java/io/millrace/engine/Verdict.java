package io.millrace.engine;

import io.millrace.limit.Wait;
import io.millrace.store.ClaimedJob;
import io.millrace.store.FencedException;
import io.millrace.store.Settlement;
import io.vertx.core.AsyncResult;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Judges how a run ended: what its handler answered, or what went wrong, becomes one settlement and
 * one log line. Made at the claim, for one run.
 */
final class Verdict {
  private static final Logger log = LoggerFactory.getLogger(Verdict.class);
  private static final Duration LONGEST = Duration.ofDays(3_650);

  private final ClaimedJob job;
  private final RunTools tools;
  private final KindSettings settings;
  private final Instant claimed;
  private final long claimedNanos = System.nanoTime();

  Verdict(ClaimedJob job, RunTools tools) {
    this.job = job;
    this.tools = tools;
    this.settings = tools.settings().kind(job.kind());
    this.claimed = tools.clock().instant();
  }

  /** How long the run may take: as its kind may, but not beyond the job's own deadline. */
  Duration allowed() {
    Duration own = own();
    return own == null || settings.timeout().compareTo(own) < 0 ? settings.timeout() : own;
  }

  private Duration own() {
    return job.remainingMs() == null ? null : Duration.ofMillis(job.remainingMs());
  }

  /** What is left now of the time that the job itself has, or null if it has no deadline. */
  private Duration left() {
    Duration own = own();
    return own == null ? null : own.minusNanos(System.nanoTime() - claimedNanos);
  }

  /** How long it has been since the claim. */
  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - claimedNanos);
  }

  /** Whether the job's own deadline had passed before it was claimed. */
  boolean tooLate() {
    return job.remainingMs() != null && job.remainingMs() <= 0;
  }

  /** The end of a job that came too late to be run at all. */
  Settlement missed() {
    return buried(
        "deadline",
        new JobFailure(FailureClass.TIMEOUT, "Its own deadline passed before it could be run."),
        job.failures(),
        null,
        false);
  }

  /**
   * Makes a settlement of an end.
   *
   * @param stop why the run was told to end, or null
   * @param context null if the handler was never called
   * @return empty if the run is no longer the current one
   */
  Optional<Settlement> of(AsyncResult<Outcome> done, Stop stop, JobContext<?> context) {
    Outcome outcome = done.succeeded() ? done.result() : outcome(done.cause(), stop);
    boolean ended =
        outcome instanceof Outcome.Completed
            || outcome instanceof Outcome.Skipped
            || outcome instanceof Outcome.Discarded;
    if (stop != null && stop.why() == Stop.Why.CANCELLED && !ended) {
      outcome = new Outcome.Cancelled(stop.reason());
    }
    line(Level.DEBUG).log("job {}", outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    if (outcome instanceof Outcome.Retried retried
        && retried.cause() instanceof FencedException e) {
      line(Level.INFO).log("{}", e.getMessage());
      return Optional.empty();
    }
    return Optional.of(settlement(outcome, context));
  }

  private Outcome outcome(Throwable failure, Stop stop) {
    if (failure instanceof Wait wait) {
      Duration after = Duration.between(tools.clock().instant(), wait.until());
      // With the limit's own words: whoever asks why the job waits is told these.
      String why = wait.word() + ": " + wait.getMessage();
      return new Outcome.Yielded(after.isNegative() ? Duration.ZERO : after, why);
    }
    if (failure instanceof FencedException) {
      return new Outcome.Retried(failure);
    }
    if (failure instanceof JobRun.NotBegun) {
      return new Outcome.Yielded(Duration.ZERO, stop == null ? "no free thread" : "stop");
    }
    if (stop == null) {
      return new Outcome.Retried(failure);
    }
    return switch (stop.why()) {
      // That it failed is our doing.
      case SHUTDOWN -> new Outcome.Yielded(Duration.ZERO, "stop");
      case CANCELLED -> new Outcome.Cancelled(stop.reason());
      case DEADLINE ->
          new Outcome.Retried(
              failure instanceof DeadlineException
                  ? failure
                  : new DeadlineException(allowed(), failure));
    };
  }

  private Settlement settlement(Outcome outcome, JobContext<?> context) {
    if (outcome instanceof Outcome.Completed done) {
      return new Settlement.Finished(job.key(), "completed", ErrorRecord.words(done.note()));
    }
    if (outcome instanceof Outcome.Skipped skipped) {
      return new Settlement.Finished(job.key(), "skipped", ErrorRecord.words(skipped.reason()));
    }
    if (outcome instanceof Outcome.Cancelled cancelled) {
      return new Settlement.Finished(job.key(), "cancelled", ErrorRecord.words(cancelled.reason()));
    }
    if (outcome instanceof Outcome.Yielded yielded) {
      // Not beyond the job's own deadline: then it ends as one that missed it.
      Duration most = left() == null || left().compareTo(LONGEST) > 0 ? LONGEST : left();
      Duration after = yielded.after().compareTo(most) > 0 ? most : yielded.after();
      return new Settlement.Postponed(
          job.key(), after.toMillis(), ErrorRecord.words(yielded.why()), false);
    }
    int spent = context == null ? job.failures() : context.failures();
    if (outcome instanceof Outcome.Retried retried) {
      return failed(retried.cause(), spent, context);
    }
    Outcome.Discarded discarded = (Outcome.Discarded) outcome;
    return buried(discarded.reason(), discarded.cause(), spent, context, false);
  }

  private Settlement failed(Throwable cause, int spent, JobContext<?> context) {
    Diagnosis diagnosis = Diagnosis.of(cause);
    FailurePolicy.Decision next =
        tools
            .settings()
            .failures()
            .decide(
                diagnosis,
                spent,
                ErrorRecord.inARow(job.attempts(), diagnosis.failureClass().key()),
                settings.attempts(),
                tools.clock().instant(),
                tools.random());
    if (!next.again()) {
      boolean once = tools.settings().failures().rule(diagnosis.failureClass()).max() == 1;
      String reason = once ? diagnosis.failureClass().key() : "exhausted";
      return buried(reason, cause, spent, context, next.callForHelp());
    }
    if (left() != null && next.delay().compareTo(left()) >= 0) {
      return buried("deadline", cause, spent, context, false);
    }
    long delay = next.delay().toMillis();
    line(Level.WARN)
        .addKeyValue("failure", diagnosis.failureClass().key())
        .log("job failed, tried again in {} ms: {}", delay, words(cause));
    JsonObject error =
        ErrorRecord.of(
            cause,
            diagnosis.failureClass(),
            true,
            next.attemptSpent(),
            spent + 1,
            tools.clock().instant(),
            details(cause, context));
    String why = next.attemptSpent() ? "retry" : diagnosis.failureClass().key();
    return new Settlement.Postponed(job.key(), delay, why, next.attemptSpent(), error.encode());
  }

  private Settlement buried(
      String reason, Throwable cause, int spent, JobContext<?> context, boolean callForHelp) {
    FailureClass failure = Diagnosis.of(cause).failureClass();
    line(Level.ERROR)
        .addKeyValue("failure", failure.key())
        .log(
            callForHelp ? "job is dead, and somebody has to help: {}" : "job is dead: {}",
            words(cause));
    boolean retryable = failure != FailureClass.DATA && failure != FailureClass.PERMANENT;
    JsonObject error =
        ErrorRecord.of(
            cause,
            failure,
            retryable,
            true,
            spent + 1,
            tools.clock().instant(),
            details(cause, context).put("callForHelp", callForHelp));
    return new Settlement.Buried(job.key(), ErrorRecord.words(reason), error.encode());
  }

  private JsonObject details(Throwable cause, JobContext<?> context) {
    JsonObject details =
        new JsonObject()
            .put("kind", job.kind())
            .put("run", job.key().run())
            .put("ms", elapsed().toMillis())
            .put("claimedAt", claimed.toString());
    if (cause instanceof PayloadException payload) {
      details.put("path", payload.path()).put("reason", payload.reason());
    }
    if (context != null) {
      details.put("trace", context.trace().trace()).put("progress", context.progress().last());
    } else if (job.trace() != null) {
      TraceParent.parse(job.trace()).ifPresent(t -> details.put("trace", t.trace()));
    }
    return details;
  }

  private static String words(Throwable cause) {
    return ErrorRecord.words(String.valueOf(cause.getMessage()));
  }

  private LoggingEventBuilder line(Level level) {
    return log.atLevel(level)
        .addKeyValue("job", job.key().id())
        .addKeyValue("user", job.key().user())
        .addKeyValue("kind", job.kind())
        .addKeyValue("attempt", job.failures() + 1)
        .addKeyValue("ms", elapsed().toMillis());
  }
}
