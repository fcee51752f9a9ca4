package io.millrace;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that every command with a configuration takes. */
final class ConfigurationOptions {
  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description =
          "Configuration file (JSON), over the built-in defaults. "
              + "Variables MILLRACE_… go before it.")
  Path conf;

  /** A loader of the defaults, this file and the environment. */
  ConfigurationLoader loader(Main main) {
    return new ConfigurationLoader(main.environment).file(conf);
  }

  /** Loads, and logs as configured from here on. */
  static Configuration load(ConfigurationLoader loader, Main main) {
    Configuration configuration = loader.load();
    Logging.configure(configuration.log(), main.terminal);
    return configuration;
  }
}
