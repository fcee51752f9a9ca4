package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    ConsoleTestKit.await(vertx.close());
  }

  @Test
  void allThatIsThereMakesItReady() throws Exception {
    Readiness.Answer answer =
        ask(probe("a", true, ReadinessTest::there), probe("b", false, ReadinessTest::there));
    assertEquals("ready", answer.status());
    assertEquals("fine", answer.checks().getJsonObject("a").getString("word"));
  }

  @Test
  void whatIsNotNeededOnlyDegradesIt() throws Exception {
    Readiness.Answer answer =
        ask(probe("a", true, ReadinessTest::there), probe("b", false, ReadinessTest::gone));
    assertTrue(answer.ready());
    assertEquals("degraded", answer.status());
    assertEquals("b is not there.", answer.checks().getJsonObject("b").getString("sentence"));
  }

  @Test
  void whatIsNeededAndGoneIsSaidWithoutSecrets() throws Exception {
    Readiness.Answer answer =
        ask(
            probe("a", true, ReadinessTest::gone),
            probe(
                "b",
                true,
                () -> {
                  throw new IllegalStateException("hunter2");
                }));
    assertEquals("not ready", answer.status());
    assertEquals(2, answer.lacking().size());
    assertFalse(answer.checks().encode().contains("hunter2"));
  }

  @Test
  void whatNeverAnswersIsWaitedForNoLongerThanABound() throws Exception {
    Promise<String> never = Promise.promise();
    Readiness.Answer answer = ask(probe("a", true, never::future));
    assertEquals("not ready", answer.status());
  }

  private static Future<String> there() {
    return Future.succeededFuture("fine");
  }

  private static Future<String> gone() {
    return Future.failedFuture("password=hunter2 is wrong");
  }

  private static Probe probe(String name, boolean needed, Supplier<Future<String>> look) {
    return new Probe(name, needed, name + " is not there.", look);
  }

  private Readiness.Answer ask(Probe... probes) throws Exception {
    return new Readiness(vertx, List.of(probes), 100)
        .ask()
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }
}
