package io.millrace.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.store.DatabaseException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.EncodeException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.concurrent.TimeoutException;

/**
 * What an exception means for the next attempt: the class that a {@link JobFailure} names, else
 * that of the first well-known exception in the chain of causes, else {@link
 * FailureClass#TRANSIENT}: an unknown failure is tried again, since a first one must not bury a
 * job. Pure.
 *
 * @param failureClass never null
 * @param retryAt before this no further try, or null
 */
record Diagnosis(FailureClass failureClass, Instant retryAt) {
  private static final int MOST_CAUSES = 10;

  static Diagnosis of(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
      if (cause instanceof JobFailure told) {
        return new Diagnosis(told.failureClass(), told.retryAt());
      }
      FailureClass known = known(cause);
      if (known != null) {
        return new Diagnosis(known, null);
      }
      cause = cause.getCause();
    }
    return new Diagnosis(FailureClass.TRANSIENT, null);
  }

  private static FailureClass known(Throwable cause) {
    if (cause instanceof DeadlineException
        || cause instanceof TimeoutException
        || cause instanceof SocketTimeoutException) {
      return FailureClass.TIMEOUT;
    }
    if (cause instanceof PayloadException
        || cause instanceof JsonProcessingException
        || cause instanceof DecodeException
        || cause instanceof EncodeException) {
      return FailureClass.DATA;
    }
    if (cause instanceof PgException database) {
      return bySqlState(database.getSqlState());
    }
    if (cause instanceof DatabaseException || cause instanceof ClosedConnectionException) {
      return FailureClass.DATABASE;
    }
    // Connections refused, reset and cut, unknown hosts, closed streams.
    return cause instanceof IOException ? FailureClass.TRANSIENT : null;
  }

  /** By the class of the SQLSTATE, appendix A of PostgreSQL's manual. */
  private static FailureClass bySqlState(String state) {
    if (state == null || state.length() != 5) {
      return FailureClass.TRANSIENT;
    }
    if (state.equals("57014")) { // query_canceled: statement_timeout, or we cancelled it ourselves
      return FailureClass.TIMEOUT;
    }
    if (state.equals("25006")) { // read_only_sql_transaction: a replica that is not yet promoted
      return FailureClass.DATABASE;
    }
    return switch (state.substring(0, 2)) {
      // Data exceptions and violated constraints stay what they are.
      case "21", "22", "23", "44" -> FailureClass.DATA;
      case "28" -> FailureClass.AUTHENTICATION;
      // Wrong statements, missing tables and privileges, features that there are not.
      case "0A", "2F", "3D", "3F", "42" -> FailureClass.PERMANENT;
      // Connections, deadlocks and serialization, resources, shutdown, the system.
      case "08", "40", "53", "57", "58" -> FailureClass.DATABASE;
      default -> FailureClass.TRANSIENT;
    };
  }
}
