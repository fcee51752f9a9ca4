package io.millrace;

import io.millrace.sim.PushTarget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code sim}: the simulator alone. */
@Command(
    name = "sim",
    description = "Simulates Gmail on a port, for any Gmail client to be pointed at.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class SimCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @ParentCommand Main main;

  @Option(names = "--port", paramLabel = "N", description = "Port, 0 for any (9100).")
  int port = 9100;

  @Option(names = "--mailboxes", paramLabel = "N", description = "Generated mailboxes (8).")
  int mailboxes = DemoOptions.MAILBOXES;

  @Option(names = "--messages", paramLabel = "N", description = "Messages in each of them (500).")
  int messages = DemoOptions.MESSAGES;

  @Option(
      names = "--mbox",
      paramLabel = "FILE",
      description =
          "A mailbox from an mbox file (mboxrd or Google Takeout, also .gz) in place of the "
              + "generated ones; repeatable, one mailbox each.")
  List<Path> mboxes = new ArrayList<>();

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description = "Quota: 2026-05 (default), legacy or unlimited.")
  String profile = "2026-05";

  @Option(
      names = "--time-scale",
      paramLabel = "X",
      description = "By how much minutes, days and delays are shortened, 1 to 20 (1).")
  double timeScale = 1;

  @Option(names = "--faults", paramLabel = "LEVEL", description = "none (default), mild or harsh.")
  String faults = "none";

  @Option(names = "--seed", paramLabel = "N", description = "What everything is made from (1).")
  long seed = 1;

  @Option(names = "--unthreaded", description = "Generate no conversations, only single messages.")
  boolean unthreaded;

  @Option(
      names = "--elsewhere",
      paramLabel = "SHARE",
      description =
          "The share of each user's quota that another client spends, 0 (default) to 0.9.")
  double elsewhere;

  @Option(
      names = "--push-to",
      paramLabel = "URL",
      description =
          "Push changes to watched mailboxes there, as Pub/Sub does; the URL is the audience too.")
  String pushTo;

  @Override
  public Integer call() throws Exception {
    OptionChecks checks = new OptionChecks(spec);
    SimArguments arguments = arguments(checks);
    Logging.configure(new LogSettings(LogSettings.Format.AUTO, Level.INFO), main.terminal);
    return Simulation.run(arguments, main.terminal);
  }

  SimArguments arguments(OptionChecks checks) {
    checks.range("--port", port, 0, 65_535);
    checks.range("--mailboxes", mailboxes, 1, OptionChecks.MOST_MAILBOXES);
    checks.range("--messages", messages, 0, OptionChecks.MOST_MESSAGES);
    return new SimArguments(
        port,
        mailboxes,
        messages,
        checks.mboxes(mboxes),
        checks.oneOf("--profile", profile, OptionChecks.PROFILES),
        checks.timeScale(timeScale),
        checks.oneOf("--faults", faults, OptionChecks.FAULTS),
        seed,
        unthreaded,
        checks.share("--elsewhere", elsewhere, 0.9),
        pushTo == null ? null : PushTarget.of(checks.url("--push-to", pushTo)));
  }
}
