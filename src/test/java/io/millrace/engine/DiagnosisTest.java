package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.json.DecodeException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each well-known exception has its class, however deep it lies. */
class DiagnosisTest {
  @ParameterizedTest
  @CsvSource({
    "08006, DATABASE",
    "40001, DATABASE",
    "40P01, DATABASE",
    "53100, DATABASE",
    "53300, DATABASE",
    "55P03, TRANSIENT",
    "25006, DATABASE",
    "57P01, DATABASE",
    "58030, DATABASE",
    "25P02, TRANSIENT",
    "57014, TIMEOUT",
    "28P01, AUTHENTICATION",
    "22P05, DATA",
    "23505, DATA",
    "42P01, PERMANENT",
    "42501, PERMANENT",
    "0A000, PERMANENT",
    "3F000, PERMANENT",
    "XX000, TRANSIENT",
  })
  void databaseErrorsGoByTheirState(String state, FailureClass expected) {
    PgException e = new PgException("no", "ERROR", state, null);
    assertEquals(expected, Diagnosis.of(e).failureClass());
    assertEquals(
        expected, Diagnosis.of(new IllegalStateException(new VertxException(e))).failureClass());
  }

  @Test
  void whatIsKnownOfTheNetwork() {
    for (Throwable e :
        new Throwable[] {
          new ConnectException("refused"),
          new UnknownHostException("no.such"),
          new ClosedChannelException(),
          new HttpClosedException("closed"),
          new IOException("reset by peer"),
          new IllegalStateException("nobody knows"),
          new AssertionError("an error"),
          new StackOverflowError(),
        }) {
      assertEquals(FailureClass.TRANSIENT, Diagnosis.of(e).failureClass(), e.toString());
    }
    for (Throwable e :
        new Throwable[] {
          new TimeoutException("late"),
          new SocketTimeoutException("late"),
          new DeadlineException(Duration.ofSeconds(1), null),
          new CompletionException(new TimeoutException("late")),
        }) {
      assertEquals(FailureClass.TIMEOUT, Diagnosis.of(e).failureClass(), e.toString());
    }
  }

  @Test
  void brokenJsonIsBrokenData() {
    assertEquals(FailureClass.DATA, Diagnosis.of(new DecodeException("no")).failureClass());
    try {
      new ObjectMapper().readTree("{");
    } catch (JsonProcessingException e) {
      assertEquals(FailureClass.DATA, Diagnosis.of(e).failureClass());
    }
  }

  @Test
  void theHandlersWordGoesBeforeTheCause() {
    Instant until = Instant.parse("2030-01-01T00:00:00Z");
    JobFailure told =
        new JobFailure(FailureClass.QUOTA, "used up", until, new ConnectException("x"));
    assertEquals(new Diagnosis(FailureClass.QUOTA, until), Diagnosis.of(told));
    assertEquals(
        new Diagnosis(FailureClass.QUOTA, until), Diagnosis.of(new RuntimeException(told)));
  }

  @Test
  void aCircleOfCausesEnds() {
    Exception a = new Exception("a");
    Exception b = new Exception("b", a);
    a.initCause(b);
    assertEquals(FailureClass.TRANSIENT, Diagnosis.of(a).failureClass());
  }
}
