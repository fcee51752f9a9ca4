package io.millrace;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    description =
        "Stores the grant of a mailbox, encrypted, and starts its first sync. The grant is a refresh "
            + "token, or consent given in a browser, or that of the service account.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ConnectCommand implements Callable<Integer> {
  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s@<>\"(),;:]{1,64}@[^\\s@<>\"(),;:]{1,255}");
  private static final int LONGEST_TOKEN = 8 << 10;
  private static final int MOST_EMAILS = 1_000;

  @Spec CommandSpec spec;
  @ParentCommand Main main;
  @Mixin ConfigurationOptions configuration;

  @Option(
      names = "--email",
      paramLabel = "ADDRESS",
      description =
          "The mailbox. With --browser it may be left out; with --service-account it may be "
              + "repeated.")
  List<String> emails = new ArrayList<>();

  @Option(
      names = "--refresh-token-file",
      paramLabel = "FILE",
      description =
          "A file that holds the refresh token and nothing else; without it the token is read from "
              + "standard input. It is never an argument: those are visible to every user of the machine.")
  Path tokenFile;

  @Option(
      names = "--browser",
      description = "Ask the owner for consent in a browser on this machine.")
  boolean browser;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "With --browser: how long to wait for consent, 10 to 3600 (300).")
  int wait = 300;

  @Option(
      names = "--service-account",
      description =
          "Read the mailbox by the service account of google.serviceAccountFile, which its domain's "
              + "administrator allows.")
  boolean serviceAccount;

  @Override
  public Integer call() throws Exception {
    OptionChecks checks = new OptionChecks(spec);
    check(checks);
    Configuration loaded = ConfigurationOptions.load(configuration.loader(main), main);
    return Connection.run(options(checks), loaded.requireEncryptionKey(), main.terminal);
  }

  private void check(OptionChecks checks) {
    for (String email : emails) {
      if (!ADDRESS.matcher(email).matches()) {
        throw checks.wrong("--email must be an address such as ann@example.org, not " + email);
      }
    }
    checks.range("--wait", wait, 10, 3_600);
    checks.range("the number of --email addresses", emails.size(), 0, MOST_EMAILS);
    if ((browser ? 1 : 0) + (serviceAccount ? 1 : 0) + (tokenFile == null ? 0 : 1) > 1) {
      throw checks.wrong("give one of --refresh-token-file, --browser and --service-account");
    }
    if (emails.isEmpty() && !browser) {
      throw checks.wrong("--email is missing: the address of the mailbox");
    }
    if (emails.size() > 1 && !serviceAccount) {
      throw checks.wrong("more than one --email goes with --service-account only");
    }
  }

  private ConnectOptions options(OptionChecks checks) throws IOException {
    if (browser) {
      return new ConnectOptions.InBrowser(emails.stream().findFirst(), Duration.ofSeconds(wait));
    }
    return serviceAccount
        ? new ConnectOptions.Delegated(emails.stream().distinct().toList())
        : new ConnectOptions.ByToken(emails.get(0), token(checks));
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
      char[] typed = console.readPassword("Refresh token of %s: ", emails.get(0));
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
