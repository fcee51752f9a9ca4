package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong nanos = new AtomicLong();

  @Test
  void aBarShowsTheShareAndTheTimeLeft() {
    assertEquals(
        "ann@example.org          [█████████···················]  33.3%        500/1500  syncing"
            + " 4.9/s 3m20s left",
        ProgressLine.bar(at("ann@example.org", 500, 1500), 120));
  }

  @Test
  void aLineIsNeverWiderThanTheTerminal() {
    for (int width = 20; width < 200; width++) {
      String bar = ProgressLine.bar(at("x".repeat(300), 5_000_000, 6_000_000), width);
      assertTrue(bar.codePointCount(0, bar.length()) < width, bar);
    }
  }

  @Test
  void nothingIsSaidThatIsNotKnown() {
    MailboxProgress p = new MailboxProgress("a@b.c", 7, 0, "listing", 0, null);
    assertEquals("a@b.c  7 listing", ProgressLine.plain(p));
    assertEquals(
        "a@b.c 99.9% 9999/10000 x",
        ProgressLine.plain(new MailboxProgress("a@b.c", 9999, 10000, "x", 0, null)));
  }

  @Test
  void durationsHaveTwoUnits() {
    assertEquals("45s", ProgressLine.duration(Duration.ofSeconds(45)));
    assertEquals("3m20s", ProgressLine.duration(Duration.ofSeconds(200)));
    assertEquals("5h40m", ProgressLine.duration(Duration.ofMinutes(340)));
    assertEquals("2d4h", ProgressLine.duration(Duration.ofHours(52)));
  }

  @Test
  void aTerminalIsRedrawnInPlaceBelowTheLogs() {
    CapturedTerminal captured = new CapturedTerminal(true);
    try (TerminalProgress progress = new TerminalProgress(captured.terminal, nanos::get)) {
      progress.update(List.of(at("a@b.c", 1, 2), at("d@e.f", 1, 2)));
      assertEquals(2, captured.newErr().lines().count());
      nanos.addAndGet(SECOND);
      progress.update(List.of(at("a@b.c", 2, 2), at("d@e.f", 1, 2)));
      assertTrue(captured.newErr().startsWith("\u001b[2F\u001b[Ja@b.c"));
      captured.terminal.say("a log line");
      String text = captured.newErr();
      assertTrue(text.startsWith("\u001b[2F\u001b[Ja log line\na@b.c"), text);
    }
  }

  @Test
  void manyMailboxesAreCounted() {
    CapturedTerminal captured = new CapturedTerminal(true);
    TerminalProgress progress = new TerminalProgress(captured.terminal, nanos::get);
    progress.update(IntStream.range(0, 23).mapToObj(i -> at("m" + i, 1, 2)).toList());
    List<String> rows = captured.err().lines().toList();
    assertEquals(21, rows.size());
    assertEquals("… and 3 more", rows.get(20));
  }

  @Test
  void withoutATerminalOnlyChangesAreToldAndSeldom() {
    CapturedTerminal captured = new CapturedTerminal(false);
    TerminalProgress progress = new TerminalProgress(captured.terminal, nanos::get);
    progress.update(List.of(at("a@b.c", 1, 2), at("d@e.f", 1, 2)));
    assertEquals(2, captured.newErr().lines().count());
    nanos.addAndGet(SECOND);
    progress.update(List.of(at("a@b.c", 2, 2), at("d@e.f", 1, 2)));
    assertEquals("", captured.newErr());
    nanos.addAndGet(SECOND);
    progress.update(List.of(at("a@b.c", 2, 2), at("d@e.f", 1, 2)));
    assertEquals("a@b.c 100.0% 2/2 syncing 4.9/s 3m20s left\n", captured.newErr());
    progress.update(List.of(at("a@b.c", 2, 2), at("d@e.f", 2, 2)));
    progress.close();
    assertEquals("d@e.f 100.0% 2/2 syncing 4.9/s 3m20s left\n", captured.newErr());
  }

  @Test
  void aNameCannotCommandTheTerminal() {
    assertFalse(ProgressLine.bar(at("\u001b[2Jevil", 1, 2), 120).contains("\u001b"));
  }

  private static MailboxProgress at(String mailbox, long done, long total) {
    return new MailboxProgress(mailbox, done, total, "syncing", 4.9, Duration.ofSeconds(200));
  }
}
