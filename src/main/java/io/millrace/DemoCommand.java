package io.millrace;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code demo}: the main job, with a simulator for Google and an embedded database. */
@Command(
    name = "demo",
    description = "Syncs simulated mailboxes into an embedded PostgreSQL and shows it.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Option(names = "--mailboxes", paramLabel = "N", description = "Generated mailboxes (8).")
  Integer mailboxes;

  @Option(
      names = "--messages",
      paramLabel = "N",
      description = "Messages in each of them, spam and trash not counted (500).")
  Integer messages;

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
  String profile;

  @Option(
      names = "--time-scale",
      paramLabel = "X",
      description = "By how much Google's minute and day are shortened, 1 to 20 (4).")
  Double timeScale;

  @Option(
      names = "--faults",
      paramLabel = "LEVEL",
      description = "How unkind the simulator is: none (default), mild or harsh.")
  String faults;

  @Option(names = "--seed", paramLabel = "N", description = "What everything is made from (1).")
  Long seed;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "How much of a message is fetched: minimal, metadata or full (default).")
  String format;

  @Option(names = "--include-spam-trash", description = "Sync spam and trash as well.")
  boolean includeSpamTrash;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keep the database here; else it is temporary and removed at exit.")
  Path data;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the dashboard, 0 for any (8080).")
  Integer port;

  @Option(
      names = "--simulator",
      paramLabel = "URL",
      description =
          "Use a simulator that already runs ('millrace sim') in place of one of our own; give it "
              + "the same --profile and --time-scale.")
  String simulator;

  @Option(
      names = "--once",
      description = "Exit when every mailbox is in sync and no derived job remains.")
  boolean once;

  @Option(
      names = "--json",
      description = "End with one JSON object on standard output; progress goes to standard error.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    OptionChecks checks = new OptionChecks(spec);
    DemoOptions options = options(checks);
    Configuration loaded = ConfigurationOptions.load(loader(checks, options), main);
    if (loaded.database().uri() != null && data != null) {
      throw checks.wrong("--data is for the embedded database, but database.uri names another one");
    }
    if (options.simulator() == null && !OptionChecks.PROFILES.contains(loaded.profile().name())) {
      throw checks.wrong(
          "the simulator knows the profiles "
              + String.join(", ", OptionChecks.PROFILES)
              + ", not "
              + loaded.profile().name());
    }
    return Demo.run(options, loaded.requireEncryptionKey(), main.terminal);
  }

  DemoOptions options(OptionChecks checks) {
    URI running = simulator == null ? null : checks.simulator(simulator);
    boolean ours = Stream.of(mailboxes, messages, faults, seed).anyMatch(o -> o != null);
    if (running != null && (ours || !mboxes.isEmpty())) {
      throw checks.wrong(
          "--mailboxes, --messages, --mbox, --faults and --seed belong to the simulator, which"
              + " already runs: give them to 'millrace sim'");
    }
    int boxes = mailboxes == null ? DemoOptions.MAILBOXES : mailboxes;
    int each = messages == null ? DemoOptions.MESSAGES : messages;
    checks.range("--mailboxes", boxes, 1, OptionChecks.MOST_MAILBOXES);
    checks.range("--messages", each, 0, OptionChecks.MOST_MESSAGES);
    return new DemoOptions(
        boxes,
        each,
        checks.mboxes(mboxes),
        faults == null ? "none" : checks.oneOf("--faults", faults, OptionChecks.FAULTS),
        seed == null ? 1 : seed,
        running,
        once,
        json);
  }

  /** A demo never speaks to Google, nor to a database that nobody named for it. */
  ConfigurationLoader loader(OptionChecks checks, DemoOptions options) {
    String root =
        options.simulator() == null ? "http://127.0.0.1/" : options.simulator().toString();
    ConfigurationLoader loader =
        configuration
            .loader(main)
            .preset("timeScale", DemoOptions.TIME_SCALE)
            // A demo ends when all is in step; only the service goes on to follow the mailboxes.
            .override("gmail.pollMs", 0, "demo")
            .override("google.rootUrl", root, "demo")
            .override("google.tokenUrl", root + "token", "demo")
            .override(
                "database.directory", data == null ? null : checks.data(data).toString(), "--data");
    if (configuration.conf == null) {
      loader.override("database.uri", null, "demo");
    }
    if (profile != null) {
      String name = checks.oneOf("--profile", profile, OptionChecks.PROFILES);
      loader.override("quota.profile", name, "--profile");
    }
    if (timeScale != null) {
      loader.override("timeScale", checks.timeScale(timeScale), "--time-scale");
    }
    if (format != null) {
      String name = checks.oneOf("--format", format, OptionChecks.FORMATS);
      loader.override("gmail.format", name, "--format");
    }
    if (includeSpamTrash) {
      loader.override("gmail.includeSpamTrash", true, "--include-spam-trash");
    }
    if (port != null) {
      loader.override("console.port", checks.range("--port", port, 0, 65_535), "--port");
    }
    return loader;
  }
}
