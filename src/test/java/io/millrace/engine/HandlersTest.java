package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A kind is added by one class and one line in META-INF/services. */
@Timeout(60)
class HandlersTest {
  @Test
  void aHandlerOnTheClassPathIsFoundAndRun() throws Exception {
    EngineTestKit kit = new EngineTestKit();
    Engine engine = await(start(kit.vertx, List.of()));
    Long id = await(engine.enqueuer().enqueue("greet", 3, new Greet.Payload("Ada")));
    kit.until("completed", List.of(id));
    await(engine.stop());
    assertEquals(
        "Hello, Ada!", one(String.class, "select note from job_outcome where id = $1", id));
  }

  @Test
  void twoHandlersOfOneKindAreRefusedByName() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                await(
                    start(
                        StoreTestKit.VERTX,
                        List.of(
                            new EngineTestKit.Handler(
                                "greet",
                                job -> Future.succeededFuture(new Outcome.Completed(null)))))));
    assertTrue(e.getMessage().contains("greet"), e.getMessage());
    assertTrue(e.getMessage().contains(Greet.class.getName()), e.getMessage());
    assertTrue(e.getMessage().contains(EngineTestKit.Handler.class.getName()), e.getMessage());
  }

  @Test
  void aKindNeedsAName() {
    assertThrows(
        IllegalArgumentException.class,
        () -> KnownKind.of(List.of(new EngineTestKit.Handler("", job -> null))));
  }

  private static Future<Engine> start(Vertx vertx, List<JobHandler<?>> handlers) {
    EngineSettings settings =
        new EngineSettings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Map.of());
    return Engine.start(vertx, StoreTestKit.database(), EngineSetup.of(settings, handlers));
  }
}
