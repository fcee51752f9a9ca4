package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code memory}: the heap of Millrace's process over one very large mailbox, and, apart from that,
 * over very many in progress at once under Google's quota.
 */
@Command(name = "memory")
final class MemoryBench extends Benchmark {
  private static final String HEAP = "-Xmx256m";
  private static final long LOOK_MS = 1_000;
  private static final long END_SECONDS = 1_200;

  /** By when every mailbox must have got something. */
  private static final int ADVANCING_SECONDS = 120;

  /** What may be added to what lives in a minute: less than a tenth of the heap in an hour. */
  private static final double FLAT_MB_PER_MINUTE = 0.4;

  @Option(names = "--large", paramLabel = "N", description = "Messages in one (1,000,000).")
  int large = 1_000_000;

  @Option(names = "--many", paramLabel = "N", description = "Mailboxes at once (10,000).")
  int many = 10_000;

  @Option(names = "--minutes", paramLabel = "N", description = "With many mailboxes (6).")
  int minutes = 6;

  @Override
  String name() {
    return "memory";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("name", name());
    figures.set("millionMailbox", oneLarge());
    figures.set("tenThousandMailboxes", many());
    figures.put("heap", HEAP);
    figures.set("machine", Machine.describe());
    return figures;
  }

  private ObjectNode oneLarge() throws Exception {
    try (Scope scope = new Scope()) {
      Path work = scope.directory();
      GcLog log = new GcLog(work);
      SimulatorProcess simulator =
          SimulatorProcess.unlimited(scope, work, List.of("--mailboxes=1", "--messages=" + large));
      Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
      say("one mailbox of %,d messages".formatted(large));
      DemoProcess.End end =
          DemoProcess.start(
                  scope,
                  work,
                  simulator,
                  postgres,
                  new DemoProcess.Setting("unlimited", 1, "metadata", List.of(HEAP, log.option())))
              .end(END_SECONDS);
      ObjectNode figures = log.figures();
      figures.put("messages", (long) postgres.number("select count(*) from message"));
      figures.put("complete", end.complete());
      figures.put("ok", flat(figures) && end.complete());
      return figures;
    }
  }

  private ObjectNode many() throws Exception {
    try (Scope scope = new Scope()) {
      Path work = scope.directory();
      GcLog log = new GcLog(work);
      SimulatorProcess simulator =
          SimulatorProcess.start(
              scope,
              work,
              List.of(
                  "sim",
                  "--port=0",
                  "--profile=2026-05",
                  "--mailboxes=" + many,
                  "--messages=1000",
                  "--unthreaded"));
      Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
      say("%,d mailboxes at once for %d minutes".formatted(many, minutes));
      DemoProcess millrace =
          DemoProcess.start(
              scope,
              work,
              simulator,
              postgres,
              new DemoProcess.Setting("2026-05", 1, "metadata", List.of(HEAP, log.option())));
      while (simulator.get("sim/report").path("unitsSpent").asLong() == 0) {
        look(millrace);
      }
      long begun = System.nanoTime();
      double advancing = 0;
      while (System.nanoTime() - begun < TimeUnit.MINUTES.toNanos(minutes)) {
        look(millrace);
        if (System.nanoTime() - begun <= TimeUnit.SECONDS.toNanos(ADVANCING_SECONDS)) {
          advancing = postgres.number("select count(distinct user_id) from message");
        }
      }
      ObjectNode figures = log.figures();
      figures.put("mailboxes", many);
      figures.put("advancingAfterTwoMinutes", (long) advancing);
      figures.put("messages", (long) postgres.number("select count(*) from message"));
      figures.set("throttled", simulator.get("sim/report").path("throttled"));
      figures.put("ok", flat(figures) && advancing == many);
      return figures;
    }
  }

  private static void look(DemoProcess millrace) throws Exception {
    if (!millrace.alive()) {
      throw new BenchException("Millrace ended too soon:\n" + millrace.tail());
    }
    TimeUnit.MILLISECONDS.sleep(LOOK_MS);
  }

  private static boolean flat(ObjectNode figures) {
    return figures.path("slopeMbPerMinute").asDouble() <= FLAT_MB_PER_MINUTE;
  }

  @Override
  boolean sound(ObjectNode figures) {
    return figures.at("/millionMailbox/ok").asBoolean()
        && figures.at("/tenThousandMailboxes/ok").asBoolean();
  }
}
