package io.millrace;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code migrate}: brings the schema up to date and exits. */
@Command(
    name = "migrate",
    description = "Brings the database's schema up to date and exits; 'run' does so too.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class MigrateCommand implements Callable<Integer> {
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Override
  public Integer call() throws Exception {
    Configuration loaded = ConfigurationOptions.load(configuration.loader(main), main);
    return Migration.run(loaded, main.terminal);
  }
}
