package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of the jobs that were lost again and again, one may begin at a time. */
class SuspectsTest {
  private static final String LOST = "[{\"failure\":\"lost\"}]";
  private static final String FAILED = "[{\"failure\":\"lost\"},{\"failure\":\"transient\"}]";

  private final Suspects suspects = new Suspects(settings(5));
  private final List<Long> begun = new ArrayList<>();

  private long begin(Suspects at, ClaimedJob job) {
    return at.begin(job, () -> begun.add(job.key().id()));
  }

  private static EngineSettings settings(int attempts) {
    Duration second = Duration.ofSeconds(1);
    return new EngineSettings(
        second,
        second,
        second,
        second,
        second,
        Map.of("kind", new KindSettings(1, second, attempts)));
  }

  private static ClaimedJob job(long id, int failures, String attempts) {
    return new ClaimedJob(
        new RunKey(1, id, 1),
        LocalDate.EPOCH,
        "kind",
        0,
        failures,
        "{}",
        null,
        null,
        null,
        attempts);
  }

  @Test
  void oneBeginsWhenTheOthersAreGivenBack() {
    assertEquals(0, begin(suspects, job(1, 2, LOST)));
    assertTrue(begin(suspects, job(2, 2, LOST)) > 0);
    assertTrue(begin(suspects, job(3, 3, LOST)) > 0);
    suspects.go();
    suspects.ended(new RunKey(1, 2, 1));
    assertEquals(List.of(), begun, "one is still in this worker's name");
    suspects.ended(new RunKey(1, 3, 1));
    assertEquals(List.of(1L), begun);
    assertTrue(begin(suspects, job(3, 3, LOST)) > 0, "the one that runs has not ended");
    suspects.ended(new RunKey(1, 3, 1));
    suspects.ended(new RunKey(1, 1, 1));
    assertEquals(0, begin(suspects, job(2, 2, LOST)));
    suspects.go();
    assertEquals(List.of(1L, 2L), begun);
  }

  @Test
  void whoWasLostOnceOrFailedByItselfOrAdvancedIsNone() {
    assertEquals(0, begin(suspects, job(1, 2, LOST)));
    assertEquals(0, begin(suspects, job(2, 1, LOST)));
    assertEquals(0, begin(suspects, job(3, 4, FAILED)));
    assertEquals(0, begin(suspects, job(4, 0, LOST)));
    assertEquals(0, begin(suspects, job(5, 0, null)));
    assertEquals(List.of(2L, 3L, 4L, 5L), begun);
  }

  @Test
  void whoHasOneAttemptLeftIsOneAtOnce() {
    Suspects strict = new Suspects(settings(2));
    assertEquals(0, begin(strict, job(1, 1, LOST)));
    assertTrue(begin(strict, job(2, 1, LOST)) > 0);
  }
}
