package io.millrace;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code rotate-key}: encrypts stored tokens anew. */
@Command(
    name = "rotate-key",
    description =
        "Encrypts stored tokens anew with APP_ENCRYPTION_KEY; those under the key before it are read "
            + "with APP_ENCRYPTION_KEY_PREVIOUS (or …_FILE). May be broken off and run again; the "
            + "service may go on meanwhile, if it has both keys.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RotateKeyCommand implements Callable<Integer> {
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Override
  public Integer call() throws Exception {
    Configuration loaded = ConfigurationOptions.load(configuration.loader(main), main);
    return Rotation.run(loaded.requireEncryptionKey(), main.terminal);
  }
}
