package io.millrace.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the benchmarks; {@code bench/run} is its only caller. */
@Command(
    name = "bench/run",
    synopsisSubcommandLabel = "NAME",
    subcommands = {
      SyncBench.class,
      EconomyBench.class,
      QuotaBench.class,
      MemoryBench.class,
      BytesBench.class,
      NaiveBench.class,
      BurnDownBench.class,
      PickupBench.class,
      BacklogBench.class,
      HeldXminBench.class,
      RescueBench.class,
      OverviewBench.class,
      ConsolesBench.class,
      MicroBench.class
    })
public final class Main {
  private Main() {}

  /** Runs one benchmark; ends with its result on standard output. */
  public static void main(String[] args) {
    PrintStream result = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    // Whatever else is printed, by JMH above all, is for a person.
    System.setOut(System.err);
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          System.err.println("bench: " + (e instanceof BenchException ? e.getMessage() : e));
          return 1;
        });
    line.setExecutionStrategy(
        parsed -> {
          if (parsed.hasSubcommand()
              && parsed.subcommand().commandSpec().userObject() instanceof Benchmark benchmark
              && !parsed.subcommand().isUsageHelpRequested()) {
            return Result.run(benchmark, result);
          }
          return new CommandLine.RunLast().execute(parsed);
        });
    System.exit(line.execute(args));
  }
}
