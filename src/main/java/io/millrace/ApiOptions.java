package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.console.ConsoleSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * The options of every command that asks a running Millrace: where it is, who asks, and how to
 * show.
 */
final class ApiOptions {
  static final String TOKEN = "MILLRACE_TOKEN";
  private static final int MOST_COLUMNS = 1_000;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "Where Millrace listens, such as https://millrace.example.org; "
              + "by default what the configuration says.")
  String url;

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description = "Configuration file that tells where it listens, if --url does not.")
  Path conf;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File that holds the token to show; without it the variable " + TOKEN + ".")
  Path tokenFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "Certificates (PEM) to trust instead of those that Java trusts.")
  Path caFile;

  @Option(names = "--json", description = "What the server answers, as it is.")
  boolean json;

  /** A connection as the options say. */
  ApiClient client(Main main) {
    return new ApiClient(address(main), token(main), Optional.ofNullable(caFile));
  }

  /** Shows an answer: itself, or what it means for people. */
  void show(Main main, JsonNode answer, String forPeople) {
    main.terminal.result(json ? answer.toString() : forPeople.stripTrailing());
  }

  /** Columns that a line may have; a very long line where nobody looks at one. */
  int width(Main main) {
    String told = main.environment.getOrDefault("COLUMNS", "");
    if (told.matches("[0-9]{2,3}")) {
      return Integer.parseInt(told);
    }
    return TerminalDetection.isTerminal(1) ? TerminalDetection.columns() : MOST_COLUMNS;
  }

  private URI address(Main main) {
    if (url != null) {
      return parsed(url);
    }
    ConsoleSettings console = new ConfigurationLoader(main.environment).file(conf).load().console();
    if (console.access().url().isPresent()) {
      return console.access().url().get();
    }
    boolean anywhere = console.host().equals("0.0.0.0") || console.host().equals("::");
    String host = anywhere ? "127.0.0.1" : console.host();
    return parsed(
        "%s://%s:%d"
            .formatted(
                console.tls().isPresent() ? "https" : "http",
                host.contains(":") ? "[" + host + "]" : host,
                console.port()));
  }

  private static URI parsed(String text) {
    try {
      URI uri = new URI(text);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean plain = uri.getRawQuery() == null && uri.getRawFragment() == null;
      if (web && uri.getHost() != null && plain && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The same sentence.
    }
    throw new ExitException(
        "--url must be a URL such as https://millrace.example.org, not " + Redaction.text(text));
  }

  private Optional<String> token(Main main) {
    if (tokenFile != null) {
      return Optional.of(clean(ConfigurationFile.secret(tokenFile, "token"), "" + tokenFile));
    }
    String told = main.environment.getOrDefault(TOKEN, "").strip();
    return told.isEmpty() ? Optional.empty() : Optional.of(clean(told, TOKEN));
  }

  private static String clean(String token, String source) {
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new ExitException("The token of " + source + " must be one word of ASCII characters");
    }
    return token;
  }
}
