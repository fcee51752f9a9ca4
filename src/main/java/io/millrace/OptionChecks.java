package io.millrace;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that need more than a type; each refuses with a sentence and status 2. */
final class OptionChecks {
  static final List<String> PROFILES = List.copyOf(ConfigurationBuilder.BUILT_IN.keySet());
  static final List<String> FAULTS = List.of("none", "mild", "harsh");
  static final List<String> FORMATS = List.of("minimal", "metadata", "full");
  static final int MOST_MAILBOXES = 10_000;
  static final int MOST_MESSAGES = 50_000_000;

  private final CommandSpec spec;

  OptionChecks(CommandSpec spec) {
    this.spec = spec;
  }

  long range(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw wrong(option + " must be from " + least + " to " + most + ", not " + value);
    }
    return value;
  }

  double timeScale(double value) {
    if (!(value >= 1 && value <= 20)) {
      throw wrong("--time-scale must be from 1 to 20, not " + value);
    }
    return value;
  }

  double share(String option, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw wrong(option + " must be from 0 to " + most + ", not " + value);
    }
    return value;
  }

  String oneOf(String option, String value, List<String> choices) {
    String lower = value.toLowerCase(Locale.ROOT);
    if (choices.contains(lower)) {
      return lower;
    }
    String meant = Nearest.to(value, choices).map(c -> "; did you mean " + c + "?").orElse("");
    throw wrong(
        option + " must be one of " + String.join(", ", choices) + ", not " + value + meant);
  }

  List<Path> mboxes(List<Path> files) {
    range("the number of --mbox files", files.size(), 0, MOST_MAILBOXES);
    for (Path file : files) {
      if (!Files.exists(file)) {
        throw wrong("--mbox " + file + " does not exist");
      }
      if (!Files.isRegularFile(file)) {
        throw wrong("--mbox " + file + " is not a file");
      }
      if (!Files.isReadable(file)) {
        throw wrong("--mbox " + file + " cannot be read: permission denied");
      }
    }
    return List.copyOf(files);
  }

  Path data(Path directory) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw wrong("--data " + directory + " is not a directory");
    }
    Path existing = directory.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw wrong("--data " + directory + " cannot be written: " + existing + " does not allow it");
    }
    return directory;
  }

  /** The root of a simulator, ending in a slash. */
  URI simulator(String text) {
    URI uri = url("--simulator", text);
    return text.endsWith("/") ? uri : URI.create(text + "/");
  }

  URI url(String option, String text) {
    try {
      URI uri = new URI(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The sentence below says it better.
    }
    throw wrong(
        option + " must be a URL such as http://127.0.0.1:9100, not " + Redaction.text(text));
  }

  ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
