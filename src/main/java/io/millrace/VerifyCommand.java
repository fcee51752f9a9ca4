package io.millrace;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code verify}: is everything here that Google has, and does everything add up? */
@Command(
    name = "verify",
    description =
        "Lists a mailbox at Google, compares it with the database, and repairs what differs. "
            + "Without --dry-run it works as one more worker while it lasts.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Exit status: 0 the same, or repaired; 1 something differs still."})
final class VerifyCommand implements Callable<Integer> {
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Option(
      names = "--mailbox",
      paramLabel = "ADDRESS",
      required = true,
      description = "The mailbox, as it was connected.")
  String mailbox;

  @Option(names = "--dry-run", description = "Only tell: change nothing.")
  boolean dryRun;

  @Option(names = "--json", description = "One JSON object on standard output.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    Configuration loaded = ConfigurationOptions.load(configuration.loader(main), main);
    return Verification.run(
        new VerifyOptions(mailbox, dryRun, json), loaded.requireEncryptionKey(), main.terminal);
  }
}
