package io.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;

/** Closes what was started, last first, at the end or when the process is asked to stop. */
final class Scope implements AutoCloseable {
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final Thread hook = new Thread(this::end, "bench-stop");

  Scope() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Takes over what is to be closed. */
  synchronized <T extends AutoCloseable> T own(T thing) {
    owned.push(thing);
    return thing;
  }

  /** Makes a directory that is removed with all that is in it. */
  Path directory() throws IOException {
    Path work = Home.work();
    own(() -> delete(work));
    return work;
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is stopping, and the hook finds everything closed.
    }
  }

  private synchronized void end() {
    AutoCloseable next;
    while ((next = owned.poll()) != null) {
      try {
        next.close();
      } catch (Exception e) {
        System.err.println("bench: not closed cleanly: " + e);
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
