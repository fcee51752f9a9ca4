package io.millrace.bench.peer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * A process with one job system in it that obeys the harness: a command a line on standard input,
 * an answer a line on standard output. {@code bench/peers} has the same in other languages.
 *
 * <pre>
 * enqueue N               → enqueued
 * start N                 → started, and later: ran (N jobs have begun since)
 * count                   → begun N (since the start)
 * stop                    → stopped
 * console               → console PORT (after the first start, of those that have one)
 * pickup RATE SECONDS     → latencies [milliseconds from the enqueue call to the start, …]
 * (end of input)          ends the process
 * </pre>
 */
public final class Stage {
  private final PrintStream answers;
  private final Runs runs;
  private final Contestant contestant;

  private Stage(PrintStream answers, Runs runs, Contestant contestant) {
    this.answers = answers;
    this.runs = runs;
    this.contestant = contestant;
  }

  /**
   * Runs one.
   *
   * @param args the system, then options as {@code name=value}; the address and password of its
   *     database are in the environment
   */
  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Properties options = new Properties();
    for (String option : List.of(args).subList(1, args.length)) {
      int equals = option.indexOf('=');
      options.setProperty(option.substring(0, equals), option.substring(equals + 1));
    }
    Runs runs = new Runs();
    Address address = Address.ofEnvironment();
    Contestant contestant =
        switch (args[0]) {
          case "millrace" -> new MillraceContestant(address, options, runs);
          case "db-scheduler" -> new DbSchedulerContestant(address, options, runs);
          case "jobrunr" -> new JobRunrContestant(address, options, runs);
          default -> throw new IllegalArgumentException("There is no job system " + args[0] + ".");
        };
    answers.println("ready " + new JsonMapper().writeValueAsString(contestant.settings()));
    new Stage(answers, runs, contestant).obey();
    contestant.close();
    System.exit(0);
  }

  private void obey() throws Exception {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = commands.readLine()) != null) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "enqueue" -> {
          contestant.enqueue(Integer.parseInt(words[1]));
          answers.println("enqueued");
        }
        case "start" -> start(Integer.parseInt(words[1]));
        case "stop" -> {
          contestant.stop();
          answers.println("stopped");
        }
        case "count" -> answers.println("begun " + runs.count());
        case "console" -> answers.println("console " + contestant.console());
        case "pickup" -> {
          double[] latencies =
              Pickup.measure(
                  contestant, runs, Integer.parseInt(words[1]), Integer.parseInt(words[2]));
          answers.println("latencies " + new JsonMapper().writeValueAsString(latencies));
        }
        default -> throw new IOException("There is no command " + line + ".");
      }
    }
  }

  private void start(int jobs) throws Exception {
    runs.expect(jobs, false);
    Thread waiter =
        new Thread(
            () -> {
              try {
                if (runs.all().await(1, TimeUnit.HOURS)) {
                  answers.println("ran");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "bench-ran");
    waiter.setDaemon(true);
    contestant.start();
    answers.println("started");
    waiter.start();
  }
}
