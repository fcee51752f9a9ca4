package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.store.Jobs;
import io.millrace.store.Mailboxes;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void whileAllHaveARowNoneMoves() {
    Snapshot snapshot = of(List.of(state(1, "complete", 9), state(2, "list", 3)), 2);
    assertEquals(List.of(1L, 2L), users(snapshot));
    assertEquals(0, snapshot.json(new Running("1", "legacy", 1)).getInteger("rest"));
  }

  @Test
  void ofManyThoseNotInSyncComeFirst() {
    List<Mailboxes.State> states =
        LongStream.rangeClosed(1, 300)
            .mapToObj(user -> state(user, user <= 250 ? "complete" : "history", 1))
            .toList();
    Snapshot snapshot = of(states, 200);
    assertEquals(200, snapshot.shown().size());
    assertEquals(251, snapshot.shown().get(0).user());
    assertEquals(1, snapshot.shown().get(50).user());
    assertEquals(100, snapshot.json(new Running("1", "legacy", 1)).getInteger("rest"));
    assertEquals(300, snapshot.totals().stored());
  }

  private static List<Long> users(Snapshot snapshot) {
    return snapshot.shown().stream().map(Mailboxes.State::user).toList();
  }

  private static Snapshot of(List<Mailboxes.State> states, int most) {
    return Snapshot.of(AT, states, false, new Jobs.Unfinished(0, 0), most);
  }

  private static Mailboxes.State state(long user, String phase, long stored) {
    return new Mailboxes.State(
        user, user + "@example.com", phase, 10, stored, stored, 0, 0, 0, 0, 0, 0, 0, null);
  }
}
