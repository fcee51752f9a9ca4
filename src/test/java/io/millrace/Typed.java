package io.millrace;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What came of a command line, run in this process.
 *
 * @param status what the process would return
 */
public record Typed(int status, String out, String err) {
  /**
   * Runs one.
   *
   * @param in what is typed when it asks
   */
  public static Typed run(Map<String, String> environment, String in, String... arguments) {
    CapturedTerminal captured = new CapturedTerminal(false);
    int status =
        Main.run(
            arguments,
            environment,
            captured.terminal,
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)));
    return new Typed(status, captured.out(), captured.err());
  }
}
