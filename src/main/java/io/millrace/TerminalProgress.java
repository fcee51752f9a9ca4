package io.millrace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Shows how far the mailboxes are: bars that are redrawn on a terminal, else plain lines.
 *
 * <p>Takes whole snapshots, as often as anybody likes; draws at most ten times a second on a
 * terminal and writes lines at most once every two seconds elsewhere. Not thread-safe: one context
 * calls it.
 */
public final class TerminalProgress implements AutoCloseable {
  private static final int ROWS = 20;
  private static final long REDRAW_NANOS = 100_000_000L;
  private static final long LINES_NANOS = 2_000_000_000L;

  private final Terminal terminal;
  private final LongSupplier nanos;
  private final Map<String, MailboxProgress> said = new HashMap<>();
  private List<MailboxProgress> latest = List.of();
  private long drawnAt;
  private boolean drawn;

  /**
   * @param nanos a clock such as {@link System#nanoTime}
   */
  public TerminalProgress(Terminal terminal, LongSupplier nanos) {
    this.terminal = terminal;
    this.nanos = nanos;
  }

  /** Shows a snapshot, or keeps it until it is time to show one again. */
  public void update(List<MailboxProgress> mailboxes) {
    latest = List.copyOf(mailboxes);
    long now = nanos.getAsLong();
    if (!drawn || now - drawnAt >= (terminal.interactive() ? REDRAW_NANOS : LINES_NANOS)) {
      drawn = true;
      drawnAt = now;
      show();
    }
  }

  /** Shows the last snapshot and leaves it on the screen. */
  @Override
  public void close() {
    show();
    terminal.settle();
  }

  private void show() {
    if (terminal.interactive()) {
      terminal.foot(bars());
    } else {
      lines();
    }
  }

  private List<String> bars() {
    List<String> rows = new ArrayList<>();
    latest.stream().limit(ROWS).forEach(p -> rows.add(ProgressLine.bar(p, terminal.width())));
    if (latest.size() > ROWS) {
      rows.add("… and " + (latest.size() - ROWS) + " more");
    }
    return rows;
  }

  private void lines() {
    List<MailboxProgress> changed = new ArrayList<>();
    for (MailboxProgress p : latest) {
      MailboxProgress before = said.get(p.mailbox());
      if (before == null || before.done() != p.done() || !before.state().equals(p.state())) {
        changed.add(p);
      }
    }
    changed.stream().limit(ROWS).forEach(p -> terminal.say(ProgressLine.plain(p)));
    if (changed.size() > ROWS) {
      terminal.say("… and " + (changed.size() - ROWS) + " more");
    }
    // Only what is there now is remembered: mailboxes that left take no memory.
    said.clear();
    latest.forEach(p -> said.put(p.mailbox(), p));
  }
}
