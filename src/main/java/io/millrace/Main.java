package io.millrace;

import io.millrace.store.DatabaseException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: finds the command and turns whatever goes wrong into a sentence. */
@Command(
    name = "millrace",
    description = "Keeps Gmail mailboxes, and what is derived from them, in step with PostgreSQL.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit status: 0 all done, 1 something left undone, 2 wrong call, configuration or environment."
    },
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      SimCommand.class,
      MigrateCommand.class,
      ConnectCommand.class,
      RotateKeyCommand.class,
      DoctorCommand.class,
      VerifyCommand.class,
      JobsCommand.class,
      MailboxesCommand.class,
      DeadCommand.class,
      HealthCommand.class
    })
public final class Main {
  final Map<String, String> environment;
  final Terminal terminal;
  final InputStream in;

  private Main(Map<String, String> environment, Terminal terminal, InputStream in) {
    this.environment = environment;
    this.terminal = terminal;
    this.in = in;
  }

  /** Runs and ends the process. */
  public static void main(String[] args) {
    Logging.routeEverythingHere();
    System.exit(run(args, System.getenv(), Terminal.system(), System.in));
  }

  /**
   * Runs one command line.
   *
   * @return the exit status, see {@link ExitException}
   */
  static int run(
      String[] args, Map<String, String> environment, Terminal terminal, InputStream in) {
    StringWriter help = new StringWriter();
    CommandLine line = commandLine(environment, terminal, in);
    line.setOut(new PrintWriter(help));
    int status = line.execute(args);
    if (!help.toString().isEmpty()) {
      terminal.result(help.toString().stripTrailing());
    }
    return status;
  }

  static CommandLine commandLine(
      Map<String, String> environment, Terminal terminal, InputStream in) {
    CommandLine line = new CommandLine(new Main(environment, terminal, in));
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.setParameterExceptionHandler((e, arguments) -> wrongCall(e, terminal));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, terminal));
    line.setExecutionStrategy(
        parsed -> {
          ParseResult last = parsed;
          while (last.hasSubcommand()) {
            last = last.subcommand();
          }
          CommandLine at = last.commandSpec().commandLine();
          if (!at.getSubcommands().isEmpty()
              && !last.isUsageHelpRequested()
              && !last.isVersionHelpRequested()) {
            throw new ParameterException(at, "a command is missing: " + commands(at));
          }
          return new CommandLine.RunLast().execute(parsed);
        });
    return line;
  }

  private static int wrongCall(ParameterException e, Terminal terminal) {
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    String message =
        e instanceof UnmatchedArgumentException unmatched ? unmatched(unmatched) : e.getMessage();
    terminal.say(name + ": " + ProgressLine.cut(message, 500));
    terminal.say("Try '" + name + " --help'.");
    return ExitException.WRONG;
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String word = e.getUnmatched().get(0);
    CommandLine line = e.getCommandLine();
    boolean option = word.startsWith("-");
    String typed = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
    List<String> candidates = new ArrayList<>();
    if (option) {
      line.getCommandSpec().options().forEach(o -> candidates.add(o.longestName()));
    } else {
      candidates.addAll(line.getSubcommands().keySet());
    }
    Optional<String> meant = Nearest.to(typed, candidates);
    String what = option ? "no such option " + typed : "no such command or argument " + typed;
    return what
        + meant
            .map(name -> "; did you mean " + name + "?")
            .orElse(option || candidates.isEmpty() ? "" : "; there are " + commands(line));
  }

  private static String commands(CommandLine line) {
    return String.join(", ", line.getSubcommands().keySet());
  }

  private static int failed(Exception e, Terminal terminal) {
    if (e instanceof ExitException exit) {
      terminal.say("millrace: " + exit.getMessage());
      return exit.status();
    }
    if (e instanceof DatabaseException database) {
      terminal.say("millrace: " + database.getMessage());
      return ExitException.WRONG;
    }
    if (e instanceof ParameterException wrong) {
      return wrongCall(wrong, terminal);
    }
    LoggerFactory.getLogger(Main.class).error("The command failed unexpectedly", e);
    terminal.say("millrace: unexpected failure: " + ProgressLine.cut(Redaction.text("" + e), 500));
    return ExitException.INCOMPLETE;
  }
}
