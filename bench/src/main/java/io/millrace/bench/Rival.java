package io.millrace.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The job systems that the engine's benchmarks run: Millrace and its peers. */
enum Rival {
  MILLRACE(
      "select exists (select from job_ready) or exists (select from job_running)"
          + " or exists (select from job_scheduled)"),
  GRAPHILE_WORKER("select exists (select from graphile_worker._private_jobs)"),
  DB_SCHEDULER("select exists (select from public.scheduled_tasks)"),
  JOBRUNR(
      "select exists (select from public.jobrunr_jobs"
          + " where state in ('SCHEDULED', 'ENQUEUED', 'PROCESSING'))");

  private final String unfinished;

  /**
   * @param unfinished a query that tells whether any job is not yet durably done
   */
  Rival(String unfinished) {
    this.unfinished = unfinished;
  }

  String unfinished() {
    return unfinished;
  }

  /** As in the results. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Its database. */
  String database() {
    return "bench_" + name().toLowerCase(Locale.ROOT);
  }

  /**
   * The command line of its process.
   *
   * @param options {@code name=value}, on top of its own defaults
   * @param javaOptions for the JVM if it is Millrace's
   */
  List<String> command(List<String> options, List<String> javaOptions) {
    List<String> line = new ArrayList<>();
    if (this == GRAPHILE_WORKER) {
      line.add("node");
      line.add(Home.directory().resolve("peers/graphile-worker/contestant.mjs").toString());
    } else {
      line.add(Home.java().toString());
      if (this == MILLRACE) {
        line.addAll(javaOptions);
      }
      line.addAll(List.of("-cp", System.getProperty("java.class.path")));
      line.add("io.millrace.bench.peer.Stage");
      line.add(label());
    }
    line.addAll(options);
    return line;
  }

  /** Why it cannot take part here, or null if it can. */
  String absent() {
    return this != GRAPHILE_WORKER || Files.isDirectory(modules().resolve("node_modules"))
        ? null
        : "Node or npm is not there";
  }

  /** Where {@code bench/run} installed what it needs, if it is not a Java program. */
  static Path modules() {
    return Home.directory().resolve("target/peers/graphile-worker");
  }
}
