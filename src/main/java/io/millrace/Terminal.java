package io.millrace;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where the program writes: results to standard output, everything else to standard error.
 *
 * <p>Keeps a block of lines at the foot of a terminal that is redrawn in place while log lines
 * scroll above it. Thread-safe: logs come from every thread.
 */
public final class Terminal {
  private static final String CLEAR_TO_END = "\u001b[J";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private final int width;
  private List<String> foot = List.of();

  /**
   * @param out for results
   * @param err for progress, logs and complaints
   * @param interactive whether {@code err} is a terminal on which lines can be redrawn
   * @param width columns of that terminal
   */
  public Terminal(PrintStream out, PrintStream err, boolean interactive, int width) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.width = width;
  }

  /** The process's own. */
  public static Terminal system() {
    boolean interactive = TerminalDetection.standardErrorIsTerminal(System.getenv());
    return new Terminal(
        utf8(System.out),
        utf8(System.err),
        interactive,
        interactive ? TerminalDetection.columns() : 80);
  }

  /** Whether lines can be redrawn. */
  public boolean interactive() {
    return interactive;
  }

  /** Columns, at least 20. */
  public int width() {
    return Math.max(20, width);
  }

  /** Writes a result to standard output. */
  public synchronized void result(String text) {
    out.println(text);
    out.flush();
  }

  /** Writes a line to standard error, above the foot. */
  public synchronized void say(String text) {
    write((text + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces the block of lines at the foot; an empty one removes it. */
  public synchronized void foot(List<String> lines) {
    StringBuilder text = new StringBuilder(erasure());
    foot = List.copyOf(lines);
    foot.forEach(line -> text.append(line).append('\n'));
    err.print(text);
    err.flush();
  }

  /** Leaves what is at the foot where it is; what comes next goes below it. */
  public synchronized void settle() {
    foot = List.of();
  }

  /** For the logs: each write is a whole number of lines and goes above the foot. */
  OutputStream logStream() {
    return new OutputStream() {
      @Override
      public void write(int b) {
        Terminal.this.write(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes, int from, int length) {
        ByteArrayOutputStream copy = new ByteArrayOutputStream(length);
        copy.write(bytes, from, length);
        Terminal.this.write(copy.toByteArray());
      }
    };
  }

  private synchronized void write(byte[] lines) {
    String erasure = erasure();
    if (!erasure.isEmpty()) {
      err.print(erasure);
    }
    err.write(lines, 0, lines.length);
    foot.forEach(line -> err.print(line + "\n"));
    err.flush();
  }

  private String erasure() {
    return foot.isEmpty() ? "" : "\u001b[" + foot.size() + "F" + CLEAR_TO_END;
  }

  /** Whatever the locale: bars, ellipses and names of people are not ASCII. */
  private static PrintStream utf8(PrintStream stream) {
    return new PrintStream(stream, false, StandardCharsets.UTF_8);
  }
}
