package io.millrace.bench.peer;

import java.util.Map;

/**
 * A job system with one kind of job that does nothing: what the benchmarks ask of each of them.
 * Made, used and closed by one thread, but for {@link #enqueueOne}.
 */
interface Contestant {
  /** What it was told, for the result. */
  Map<String, Object> settings();

  /** The file that a library was loaded from: its name tells the version. */
  static String version(Class<?> library) {
    String file = library.getProtectionDomain().getCodeSource().getLocation().getPath();
    return file.substring(file.lastIndexOf('/') + 1).replace(".jar", "");
  }

  /** Enqueues jobs numbered from 0, in bulk if it can; durable on return. */
  void enqueue(int jobs) throws Exception;

  /**
   * Enqueues one job as an application would: alone, in a transaction of its own. Called by many
   * threads; may return before the job is there.
   */
  void enqueueOne(int number) throws Exception;

  /** Begins to work; every run calls {@link Runs#began} first. */
  void start() throws Exception;

  /** Stops working; returns when nothing runs any more. */
  void stop() throws Exception;

  /** Whether {@link #enqueueOne} blocks its thread until the job is there. */
  boolean blocks();

  /** The port of its console, where it has one. */
  default int console() {
    throw new UnsupportedOperationException("it has no console");
  }

  /** Gives back its connections. */
  void close() throws Exception;
}
