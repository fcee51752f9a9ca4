package io.millrace.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One output of a process, read to its end by a thread of its own. */
final class ProcessOutput {
  private final StringBuilder text = new StringBuilder();
  private final Semaphore news = new Semaphore(0);
  private final Thread reader;

  ProcessOutput(InputStream stream) {
    reader = new Thread(() -> read(stream), "output");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(InputStream stream) {
    byte[] bytes = new byte[1 << 16];
    try (stream) {
      for (int n = stream.read(bytes); n >= 0; n = stream.read(bytes)) {
        append(new String(bytes, 0, n, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      append("\n(not read to the end: " + e.getMessage() + ")\n");
    }
  }

  private void append(String more) {
    synchronized (text) {
      text.append(more);
    }
    news.release();
  }

  String text() {
    synchronized (text) {
      return text.toString();
    }
  }

  /** Waits until there is more, but not for long. */
  void awaitMore(long ms) {
    try {
      if (news.tryAcquire(ms, TimeUnit.MILLISECONDS)) {
        news.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits for the end; but a child that was left behind may hold the stream open. */
  void finish() {
    try {
      reader.join(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
