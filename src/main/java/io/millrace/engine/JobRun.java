package io.millrace.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.limit.QuotaWait;
import io.millrace.store.ClaimedJob;
import io.millrace.store.FencedException;
import io.millrace.store.Settlement;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One run of one job, from claim to settlement: read the payload, run the handler under a deadline,
 * judge what came of it. Whatever a handler does (throws, returns null, never completes) ends in an
 * outcome. Lives on one event loop.
 */
final class JobRun {
  private static final Logger log = LoggerFactory.getLogger(JobRun.class);
  private static final int MESSAGE_CHARS = 1_000;
  private static final int STACK_FRAMES = 30;

  private final ClaimedJob job;
  private final KindSettings settings;
  private final RetryPolicy retries;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final Instant started;

  JobRun(
      ClaimedJob job,
      KindSettings settings,
      RetryPolicy retries,
      RandomGenerator random,
      InstantSource clock) {
    this.job = job;
    this.settings = settings;
    this.retries = retries;
    this.random = random;
    this.clock = clock;
    this.started = clock.instant();
  }

  /** What a handler is given besides its payload. */
  interface ContextFactory {
    <P> JobContext<P> context(ClaimedJob job, P payload);
  }

  /**
   * Runs the job to its end.
   *
   * @return how the run ended; empty if that is written already or no longer ours to write. Never
   *     fails.
   */
  <P> Future<Optional<Settlement>> run(
      Vertx vertx, JobHandler<P> handler, ObjectMapper mapper, ContextFactory contexts) {
    P payload;
    try {
      payload = mapper.readValue(job.payload(), handler.payload());
    } catch (JsonProcessingException e) {
      return Future.succeededFuture(Optional.of(settle(new Outcome.Discarded("payload", e))));
    }
    JobContext<P> context = contexts.context(job, payload);
    return underDeadline(vertx, context, guarded(handler, context))
        .otherwise(this::judge)
        .map(
            outcome -> {
              note(outcome);
              return context.settled() ? Optional.empty() : settlement(outcome);
            });
  }

  private static <P> Future<Outcome> guarded(JobHandler<P> handler, JobContext<P> context) {
    try {
      Future<Outcome> running = handler.run(context);
      return running == null
          ? Future.failedFuture(new IllegalStateException("the handler returned no future"))
          : running.map(
              outcome -> {
                if (outcome == null) {
                  throw new IllegalStateException("the handler returned no outcome");
                }
                return outcome;
              });
    } catch (Exception | LinkageError | StackOverflowError e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * At the deadline the handler is told to stop, and the run ends whether it does or not: the fence
   * keeps a handler that goes on from writing.
   */
  private <P> Future<Outcome> underDeadline(
      Vertx vertx, JobContext<P> context, Future<Outcome> running) {
    Promise<Outcome> first = Promise.promise();
    long timer =
        vertx.setTimer(
            settings.timeout().toMillis(),
            id -> {
              context.cancel("its deadline passed");
              first.tryFail(new DeadlineException(settings.timeout()));
            });
    running.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            first.tryComplete(done.result());
          } else {
            first.tryFail(done.cause());
          }
        });
    return first.future();
  }

  private Outcome judge(Throwable failure) {
    if (failure instanceof QuotaWait wait) {
      Duration after = Duration.between(clock.instant(), wait.until());
      return new Outcome.Yielded(after.isNegative() ? Duration.ZERO : after, "quota");
    }
    return new Outcome.Retried(failure);
  }

  private Optional<Settlement> settlement(Outcome outcome) {
    if (outcome instanceof Outcome.Retried retried && retried.cause() instanceof FencedException) {
      log.atInfo().addKeyValue("job", job.key().id()).log("{}", retried.cause().getMessage());
      return Optional.empty();
    }
    return Optional.of(settle(outcome));
  }

  private Settlement settle(Outcome outcome) {
    if (outcome instanceof Outcome.Completed done) {
      return new Settlement.Finished(job.key(), "completed", done.note());
    }
    if (outcome instanceof Outcome.Skipped skipped) {
      return new Settlement.Finished(job.key(), "skipped", skipped.reason());
    }
    if (outcome instanceof Outcome.Cancelled cancelled) {
      return new Settlement.Finished(job.key(), "cancelled", cancelled.reason());
    }
    if (outcome instanceof Outcome.Yielded yielded) {
      return new Settlement.Postponed(job.key(), yielded.after().toMillis(), yielded.why(), false);
    }
    if (outcome instanceof Outcome.Retried retried) {
      int failures = job.failures() + 1;
      if (failures < settings.attempts()) {
        Duration delay = retries.delay(failures, random);
        report(Level.WARN, "failed, tried again in " + delay.toMillis() + " ms", retried.cause());
        return new Settlement.Postponed(job.key(), delay.toMillis(), "retry", true);
      }
      return buried("exhausted", retried.cause());
    }
    Outcome.Discarded discarded = (Outcome.Discarded) outcome;
    return buried(discarded.reason(), discarded.cause());
  }

  private Settlement buried(String reason, Throwable cause) {
    report(Level.ERROR, "is dead", cause);
    JsonObject error =
        new JsonObject()
            .put("class", cause.getClass().getName())
            .put("message", bounded(cause))
            .put("at", clock.instant().toString())
            .put("attempt", job.failures() + 1);
    StringBuilder stack = new StringBuilder();
    StackTraceElement[] frames = cause.getStackTrace();
    for (int i = 0; i < Math.min(STACK_FRAMES, frames.length); i++) {
      stack.append(frames[i]).append('\n');
    }
    return new Settlement.Buried(job.key(), reason, error.put("stack", stack.toString()).encode());
  }

  private static String bounded(Throwable cause) {
    String message = String.valueOf(cause.getMessage()).replace("\u0000", "");
    return message.length() > MESSAGE_CHARS ? message.substring(0, MESSAGE_CHARS) + "…" : message;
  }

  /** One line for each run; failures have their own, louder one. */
  private void note(Outcome outcome) {
    line(Level.DEBUG).log("job {}", outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT));
  }

  private void report(Level level, String what, Throwable cause) {
    line(level).log("job {}: {}", what, bounded(cause));
  }

  private LoggingEventBuilder line(Level level) {
    return log.atLevel(level)
        .addKeyValue("job", job.key().id())
        .addKeyValue("user", job.key().user())
        .addKeyValue("kind", job.kind())
        .addKeyValue("attempt", job.failures() + 1)
        .addKeyValue("ms", Duration.between(started, clock.instant()).toMillis());
  }
}
