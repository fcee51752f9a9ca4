package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * One measured sync: simulator, Millrace and PostgreSQL as processes of their own.
 *
 * <p>The time runs from the enqueuing of the first sync job to the end of the last derived one, as
 * the database recorded both; CPU is counted over the same time.
 *
 * @param recording where Millrace's process is to write what Flight Recorder saw, or null
 * @param statements whether to watch PostgreSQL's sessions
 */
record SyncRun(
    int mailboxes,
    int messages,
    String format,
    long seed,
    List<String> javaOptions,
    Path recording,
    boolean statements) {
  private static final String PROFILE = "unlimited";
  private static final long END_SECONDS = 1_500;

  /** Of each kind: how many jobs, and how long their last runs took. */
  private static final String JOBS =
      """
      select json_object_agg(name, json_build_object('count', n, 'meanMs', ms))
        from (select k.name, count(*) as n,
                     round(extract(epoch from avg(finished_at - started_at)) * 1000) as ms
                from job_outcome o join job_kind k on k.id = o.kind
               group by k.name order by k.name) kinds
      """;

  /** Syncs of mailboxes that are done. */
  private static final String SYNCED =
      """
      select count(*) from job_outcome o join job_kind k on k.id = o.kind
       where k.name = 'google_gmail_sync' and o.state = 'completed'
      """;

  private static final String SCHEMA = "select to_regclass('millrace.job_outcome') is not null";
  private static final long LOOK_MS = 200;

  /** Fetches and stores, and derives nothing: answers messages a second. */
  double storing(Scope scope) throws Exception {
    Path work = scope.directory();
    SimulatorProcess simulator = SimulatorProcess.start(scope, work, simulated());
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    DemoProcess millrace =
        DemoProcess.start(
            scope,
            work,
            simulator,
            postgres,
            new DemoProcess.Setting(PROFILE, 1, format, false, options()));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    while (!postgres.ask(SCHEMA).equals("t") || postgres.number(SYNCED) < mailboxes) {
      if (!millrace.alive() || System.nanoTime() > deadline) {
        throw new BenchException("The sync did not end:\n" + millrace.tail());
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    double from = epochMs(postgres, "select min(created_at) from job_body");
    double until = epochMs(postgres, "select max(stored_at) from message");
    return postgres.number("select count(*) from message") * 1000 / (until - from);
  }

  ObjectNode measure(Scope scope, ObjectNode machine) throws Exception {
    Path work = scope.directory();
    SimulatorProcess simulator = SimulatorProcess.start(scope, work, simulated());
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    double walBefore = wal(postgres);

    DemoProcess millrace =
        DemoProcess.start(
            scope,
            work,
            simulator,
            postgres,
            new DemoProcess.Setting(PROFILE, 1, format, options()));
    Map<String, DoubleSupplier> clocks = new LinkedHashMap<>();
    clocks.put("simulator", simulator::cpuSeconds);
    clocks.put("millrace", millrace::cpuSeconds);
    clocks.put("postgresql", postgres::cpuSeconds);
    CpuWatch cpu = scope.own(new CpuWatch(clocks));
    StatementWatch sessions = statements ? scope.own(new StatementWatch(postgres)) : null;
    DemoProcess.End end = millrace.end(END_SECONDS);
    ObjectNode figures = figures(end, postgres, cpu, clocks, wal(postgres) - walBefore);
    if (sessions != null) {
      figures.set("statements", sessions.busiest());
    }
    return figures;
  }

  private ObjectNode figures(
      DemoProcess.End end,
      Postgres postgres,
      CpuWatch cpu,
      Map<String, DoubleSupplier> clocks,
      double walBytes)
      throws IOException {
    JsonNode summary = end.summary();
    double from = epochMs(postgres, "select min(created_at) from job_body");
    double until = epochMs(postgres, "select max(finished_at) from job_outcome");
    double stored = postgres.number("select count(*) from message");

    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("name", "sync");
    figures.set("messagesPerSecond", Result.figure(stored * 1000 / (until - from)));
    figures.put("complete", end.complete());
    figures.put("mailboxes", summary.path("mailboxes").asInt());
    figures.put("messages", (long) stored);
    figures.set("normalized", summary.get("normalized"));
    figures.set("contacts", summary.get("contacts"));
    figures.set("throttled", summary.get("throttled"));
    figures.put("elapsedMs", Math.round(until - from));
    figures.put(
        "lastStoredMs", Math.round(epochMs(postgres, "select max(stored_at) from message") - from));
    ObjectNode thousand = figures.putObject("cpuSecondsPerThousand");
    for (String name : clocks.keySet()) {
      thousand.set(name, Result.figure(cpu.seconds(name, from, until) * 1000 / stored));
    }
    figures.set(
        "bytesPerMessage", Result.figure(summary.path("bytesReceived").asDouble() / stored));
    figures.set("walBytesPerMessage", Result.figure(walBytes / stored));
    figures.set(
        "transactionsPerThousand",
        Result.figure(
            postgres.number("select xact_commit from pg_stat_database where datname = 'postgres'")
                * 1000
                / stored));
    figures.set("peakHeapBytes", summary.get("peakHeapBytes"));
    figures.set("jobs", Result.JSON.readTree(postgres.ask(JOBS)));
    ObjectNode settings = figures.putObject("settings");
    settings.put("format", format);
    settings.put("profile", PROFILE);
    settings.put("mailboxes", mailboxes);
    settings.put("messagesPerMailbox", messages);
    settings.put("seed", seed);
    settings.put("javaOptions", String.join(" ", javaOptions));
    settings.put("profiled", recording != null || statements);
    for (String name : List.of("fsync", "synchronous_commit", "shared_buffers")) {
      settings.put(name, postgres.ask("show " + name));
    }
    return figures;
  }

  private List<String> simulated() {
    return List.of(
        "sim",
        "--port=0",
        "--profile=" + PROFILE,
        "--mailboxes=" + mailboxes,
        "--messages=" + messages,
        "--seed=" + seed);
  }

  private List<String> options() {
    List<String> options = new ArrayList<>(javaOptions);
    if (recording != null) {
      options.add(
          "-XX:StartFlightRecording=settings=profile,filename=" + recording.toAbsolutePath());
    }
    return options;
  }

  private static double wal(Postgres postgres) {
    return postgres.number("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')");
  }

  private static double epochMs(Postgres postgres, String instant) {
    return postgres.number("select extract(epoch from (" + instant + ")) * 1000");
  }
}
