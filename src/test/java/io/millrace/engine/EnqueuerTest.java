package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.NewJob;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way in from Java: right jobs are written, and a wrong one writes nothing. */
@Timeout(60)
class EnqueuerTest {
  record Wide(String text) {}

  private final EngineTestKit kit = new EngineTestKit();
  private final Enqueuer enqueuer =
      Enqueuer.of(
          kit.vertx,
          pool(),
          kit.jobs,
          List.of(
              new EngineTestKit.Handler(kit.kind, job -> null),
              new PayloadFormTest.Kind<>(Wide.class, null)));

  @Test
  void aRecordBecomesAJob() throws Exception {
    Long id = await(enqueuer.enqueue(kit.kind, 5, new EngineTestKit.Payload(7)));
    assertEquals(
        "{\"n\": 7}", one(String.class, "select payload::text from job_body where id = $1", id));
  }

  @Test
  void itJoinsTheCallersTransaction() throws Exception {
    long before = jobs();
    Future<Object> rolledBack =
        pool()
            .withTransaction(
                connection ->
                    enqueuer
                        .enqueue(connection, kit.kind, 5, new EngineTestKit.Payload(1))
                        .compose(id -> Future.failedFuture("no")));
    assertThrows(Exception.class, () -> await(rolledBack));
    assertEquals(before, jobs());
    await(
        pool()
            .withTransaction(
                connection ->
                    enqueuer.enqueue(connection, kit.kind, 5, new EngineTestKit.Payload(1))));
    assertEquals(before + 1, jobs());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n\":\"x\"}         | $.n",
        "{\"n\":1,\"more\":1}  | $",
        "[]                    | $",
        "{                     | $",
        "{\"n\":1}trailing     | $",
      })
  void oneWrongPayloadRefusesTheWholeCall(String wrong, String path) throws Exception {
    long before = jobs();
    List<NewJob> batch =
        List.of(NewJob.of(5, kit.kind, "{\"n\":1}"), NewJob.of(5, kit.kind, wrong));
    PayloadException e = assertThrows(PayloadException.class, () -> await(enqueuer.enqueue(batch)));
    assertTrue(e.path().startsWith(path), e.getMessage());
    assertEquals(before, jobs());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":[1,\"x\\u0000\"]} | $.a[1]",
        "{\"a\":\"\\ud800\"}      | $.a",
        "[1]                      | $",
        "{\"a\":                  | $",
        "''                       | $",
      })
  void theShapeIsCheckedEvenOfKindsThatNobodyKnowsHere(String wrong, String path) {
    PayloadException e =
        assertThrows(
            PayloadException.class,
            () -> await(enqueuer.enqueueAnyKind(pool(), List.of(NewJob.of(5, "nobody", wrong)))));
    assertEquals(path, e.path(), e.getMessage());
  }

  @Test
  void sizeIsCountedInBytesOfUtf8() throws Exception {
    int most = NewJob.MAX_PAYLOAD_BYTES;
    String frame = "{\"text\":\"\"}";
    // Three bytes each: far fewer characters than bytes. jsonb has some of its own.
    String fits = "€".repeat((most - frame.length() - 60) / 3);
    await(enqueuer.enqueue("paint", 5, new Wide(fits)));
    PayloadException e =
        assertThrows(
            PayloadException.class,
            () -> await(enqueuer.enqueue("paint", 5, new Wide(fits + "€".repeat(21)))));
    assertTrue(e.reason().contains("5242880"), e.getMessage());
  }

  @Test
  void anUnknownKindIsRefusedUnlessItIsMeant() throws Exception {
    List<NewJob> unknown = List.of(NewJob.of(5, "nobody-" + kit.kind, "{\"x\":1}"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> await(enqueuer.enqueue(unknown)));
    assertTrue(e.getMessage().contains("nobody-") && e.getMessage().contains(kit.kind));
    assertEquals(1, await(enqueuer.enqueueAnyKind(pool(), unknown)).size());
    assertThrows(
        IllegalArgumentException.class,
        () -> await(enqueuer.enqueue(kit.kind, 5, new Wide("another record"))));
  }

  @Test
  void followUpsAreCheckedAndBelongToTheTrace() throws Exception {
    kit.start(
        job ->
            job.write(
                    tx ->
                        tx.enqueue(
                            List.of(
                                NewJob.of(
                                    1, kit.kind, job.payload().n() == 0 ? "{}" : "{\"n\":1.5}"))))
                .map(new Outcome.Completed(null)));
    List<Long> ids = kit.enqueue(2);
    kit.until("dead", ids);
    assertEquals(
        2,
        number(
            "select count(*) from job_dead where error->>'failure' = 'data' and id = any($1)",
            (Object) ids.toArray(Long[]::new)));
    kit.close();
  }

  private long jobs() throws Exception {
    return number(
        "select count(*) from job_body b join job_kind k on k.id = b.kind where k.name = $1",
        kit.kind);
  }
}
