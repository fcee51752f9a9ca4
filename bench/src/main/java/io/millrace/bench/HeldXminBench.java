package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code held-xmin}: a burn-down that never ends, since another process enqueues all the time,
 * while a session keeps a snapshot open, so that nothing dead can be cleaned up. What the last
 * minute of that came to beside the minute before it, and the minutes after.
 */
@Command(name = "held-xmin")
final class HeldXminBench extends Benchmark {
  private static final int FED = 20_000;
  private static final int BACKLOG = 200_000;
  private static final long LOOK_MS = 100;

  @Option(names = "--minutes", paramLabel = "N", description = "With the snapshot held (10).")
  int minutes = 10;

  @Option(
      names = "--minute",
      paramLabel = "SECONDS",
      description = "How long a minute is, for a trial (60).")
  int minute = 60;

  @Option(names = "--slots", paramLabel = "N", description = "Jobs that run at once (2,000).")
  int slots = 4_000;

  private Contender worker;
  private Contender feeder;
  private long fed;
  private long smallest = BACKLOG;

  @Override
  String name() {
    return "held-xmin";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    List<String> options = List.of("slots=" + slots);
    worker = Contender.start(scope, postgres, work, Rival.MILLRACE, options, List.of());
    feeder = Contender.beside(scope, postgres, work, worker, options);
    ExecutorService feeding = Executors.newSingleThreadExecutor();
    scope.own(feeding::shutdownNow);
    feeder.feed(BACKLOG);
    fed = BACKLOG;
    worker.tidy();
    worker.start(Integer.MAX_VALUE);

    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    // The JVMs warm up first.
    rate(feeding, minute / 2.0);
    double before = rate(feeding, minute);
    say("before: %,.0f jobs/s".formatted(before));
    ArrayNode held = Result.JSON.createArrayNode();
    double last = Double.NaN;
    try (Connection connection = postgres.connect(Rival.MILLRACE.database());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.executeQuery("select count(*) from pg_class").close();
      for (int i = 1; i <= minutes; i++) {
        last = rate(feeding, minute);
        held.add(Result.figure(last));
        say("held for %d min: %,.0f jobs/s".formatted(i, last));
      }
      connection.rollback();
    }
    double first = rate(feeding, minute);
    double second = rate(feeding, minute);
    say("released: %,.0f, then %,.0f jobs/s".formatted(first, second));
    worker.stop();

    figures.set("throughputRatio", Result.figure(last / before));
    figures.set("recoveryRatio", Result.figure(second / before));
    figures.set("jobsPerSecondBefore", Result.figure(before));
    figures.set("jobsPerSecondHeld", held);
    figures.putArray("jobsPerSecondReleased").add(Result.figure(first)).add(Result.figure(second));
    Contest.settings(figures, postgres)
        .put("minutes", minutes)
        .put("secondsAMinute", minute)
        .put("slots", slots)
        .put("backlog", BACKLOG);
    // Near 0 the rate would be that of the enqueuing.
    figures.put("smallestBacklog", smallest);
    figures.set("machine", machine);
    return figures;
  }

  /** Jobs begun a second over some time, in which the backlog is kept filled. */
  private double rate(ExecutorService feeding, double seconds) throws Exception {
    long from = System.nanoTime();
    long begun = worker.begun();
    long now = begun;
    Future<?> running = null;
    double passed;
    while ((passed = (System.nanoTime() - from) / 1e9) < seconds) {
      now = worker.begun();
      smallest = Math.min(smallest, fed - now);
      boolean idle = running == null || running.isDone();
      if (idle && running != null) {
        running.get();
      }
      if (idle && fed - now < BACKLOG - FED) {
        fed += FED;
        running =
            feeding.submit(
                () -> {
                  feeder.feed(FED);
                  return null;
                });
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    now = worker.begun();
    passed = (System.nanoTime() - from) / 1e9;
    if (running != null) {
      running.get();
    }
    return (now - begun) / passed;
  }
}
