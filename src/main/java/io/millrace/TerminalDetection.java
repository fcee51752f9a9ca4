package io.millrace;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether standard error is a terminal, and how wide. Java only knows about standard input and
 * output together.
 */
final class TerminalDetection {
  private static final int DEFAULT_COLUMNS = 80;
  private static final Pattern SIZE = Pattern.compile("(\\d+) (\\d+)\\s*");

  private TerminalDetection() {}

  static boolean standardErrorIsTerminal(Map<String, String> environment) {
    String term = environment.getOrDefault("TERM", "dumb");
    if (term.equals("dumb")) {
      return false;
    }
    return isTerminal(2);
  }

  /**
   * Asks the system.
   *
   * @param descriptor 0 for standard input, 2 for standard error
   */
  static boolean isTerminal(int descriptor) {
    Path linux = Path.of("/proc/self/fd/" + descriptor);
    try {
      if (Files.exists(linux)) {
        return Files.readSymbolicLink(linux).toString().matches("/dev/(pts/\\d+|tty.*|console)");
      }
      Process test =
          new ProcessBuilder("test", "-t", String.valueOf(descriptor)).inheritIO().start();
      return test.waitFor(2, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static int columns() {
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      if (!stty.waitFor(2, TimeUnit.SECONDS)) {
        stty.destroy();
        return DEFAULT_COLUMNS;
      }
      String size = new String(stty.getInputStream().readNBytes(32), StandardCharsets.UTF_8);
      Matcher matcher = SIZE.matcher(size);
      int columns = matcher.matches() ? Integer.parseInt(matcher.group(2)) : DEFAULT_COLUMNS;
      return Math.max(40, Math.min(columns == 0 ? DEFAULT_COLUMNS : columns, 160));
    } catch (IOException | NumberFormatException e) {
      return DEFAULT_COLUMNS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return DEFAULT_COLUMNS;
    }
  }
}
