package io.millrace;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code run}: the service. */
@Command(
    name = "run",
    description =
        "Runs the service until it is stopped. "
            + "Without database.uri it starts PostgreSQL itself, with its data in database.directory.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Override
  public Integer call() throws Exception {
    Configuration loaded = ConfigurationOptions.load(configuration.loader(main), main);
    return Service.run(loaded.requireEncryptionKey(), main.terminal);
  }
}
