package io.millrace.console;

import io.millrace.engine.PayloadException;
import io.millrace.store.DatabaseException;
import io.vertx.core.VertxException;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What to tell of a failure: as much as helps, and nothing of how it came about inside. */
final class Failure {
  private static final Logger log = LoggerFactory.getLogger(Failure.class);

  /** Others had a lock for too long. */
  private static final Set<String> BUSY = Set.of("40001", "40P01", "55P03", "25P02");

  /** The class of what cannot be such a value, as a time or a number that is out of range. */
  private static final String BAD_VALUE = "22";

  private static final String CHECK_VIOLATED = "23514";

  private Failure() {}

  /**
   * The problem that a failure is.
   *
   * @param what was asked for, for the log
   */
  static Problem of(Throwable e, String what) {
    if (e instanceof ProblemException p) {
      return p.problem();
    }
    if (e instanceof PayloadException p) {
      return new Problem(
          422,
          "payload_refused",
          p.getMessage(),
          List.of(new Problem.Fault("payload" + p.path().substring(1), p.reason())));
    }
    if (e instanceof HttpException h && h.getStatusCode() < 500) {
      return Problem.of(h.getStatusCode());
    }
    if (e instanceof IllegalArgumentException) {
      return new Problem(422, "refused", String.valueOf(e.getMessage()));
    }
    if (e instanceof PgException p) {
      return ofDatabase(p, what);
    }
    if (e instanceof DatabaseException
        || e instanceof TimeoutException
        || e instanceof IOException
        || e instanceof VertxException) {
      log.debug("{} was not answered: {}", what, e.getMessage());
      return Problem.away();
    }
    log.error("{} failed", what, e);
    return Problem.of(500);
  }

  private static Problem ofDatabase(PgException e, String what) {
    String state = String.valueOf(e.getSqlState());
    if (BUSY.contains(state)) {
      return new Problem(409, "busy", "Others hold what this would change; try again in a moment.");
    }
    if (state.equals("57014")) {
      return new Problem(
          503, "too_slow", "This takes too long to look up; narrow what is asked for.");
    }
    if (state.startsWith("08") || state.startsWith("53") || state.startsWith("57")) {
      log.debug("{} was not answered: {}", what, e.getMessage());
      return Problem.away();
    }
    if (state.equals("22023") || state.equals("P0001")) {
      return new Problem(422, "refused", String.valueOf(e.getErrorMessage()));
    }
    if (state.startsWith(BAD_VALUE) || state.equals(CHECK_VIOLATED)) {
      log.debug("{} was refused: {}", what, e.getMessage());
      return new Problem(
          422, "refused", "The database takes no such value: it is too large or out of range.");
    }
    log.error("{} failed", what, e);
    return Problem.of(500);
  }
}
