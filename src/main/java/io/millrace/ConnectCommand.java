package io.millrace;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code connect}: gives Millrace a mailbox. */
@Command(
    name = "connect",
    description = "Stores a mailbox's refresh token, encrypted, and starts its first sync.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ConnectCommand implements Callable<Integer> {
  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s@<>\"(),;:]{1,64}@[^\\s@<>\"(),;:]{1,255}");
  private static final int LONGEST_TOKEN = 8 << 10;

  @Spec CommandSpec spec;
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Option(names = "--email", paramLabel = "ADDRESS", required = true, description = "The mailbox.")
  String email;

  @Option(
      names = "--refresh-token-file",
      paramLabel = "FILE",
      description =
          "A file that holds the refresh token and nothing else; without it the token is read from "
              + "standard input. It is never an argument: those are visible to every user of the machine.")
  Path tokenFile;

  @Override
  public Integer call() throws Exception {
    OptionChecks checks = new OptionChecks(spec);
    if (!ADDRESS.matcher(email).matches()) {
      throw checks.wrong("--email must be an address such as ann@example.org, not " + email);
    }
    Configuration loaded = ConfigurationOptions.load(configuration.loader(main), main);
    ConnectOptions options = new ConnectOptions(email, token(checks));
    return Connection.run(options, loaded.requireEncryptionKey(), main.terminal);
  }

  @SuppressWarnings("SystemConsoleNull")
  private Secret token(OptionChecks checks) throws IOException {
    if (tokenFile != null) {
      return checked(
          new Secret(tokenFile.toString(), ConfigurationFile.secret(tokenFile, "refresh token")),
          checks);
    }
    // Where there is no terminal, a console is null or, since Java 22, one that hides nothing.
    Console console =
        main.in == System.in && TerminalDetection.isTerminal(0) ? System.console() : null;
    if (console != null) {
      char[] typed = console.readPassword("Refresh token of %s: ", email);
      return checked(new Secret("the terminal", typed == null ? "" : new String(typed)), checks);
    }
    byte[] bytes = main.in.readNBytes(LONGEST_TOKEN + 1);
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    return checked(new Secret("standard input", text), checks);
  }

  private static Secret checked(Secret token, OptionChecks checks) {
    String text = token.reveal();
    if (text.isEmpty()) {
      throw checks.wrong("no refresh token came from " + token.source());
    }
    if (text.length() > LONGEST_TOKEN || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw checks.wrong("what came from " + token.source() + " is not a refresh token");
    }
    return token;
  }
}
