package io.millrace.engine;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * A place in a trace, as W3C Trace Context writes it in {@code traceparent}.
 *
 * @param trace 32 hexadecimal digits, the same for all that follows from one cause
 * @param span 16 hexadecimal digits, one step of it
 * @param flags two hexadecimal digits
 */
public record TraceParent(String trace, String span, String flags) {
  private static final Pattern FORM =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /** Empty if it is null or not of that form: a broken trace must not break a job. */
  public static Optional<TraceParent> parse(String text) {
    return text == null || !FORM.matcher(text).matches()
        ? Optional.empty()
        : Optional.of(
            new TraceParent(text.substring(3, 35), text.substring(36, 52), text.substring(53)));
  }

  /** The first step of a new trace. */
  public static TraceParent fresh() {
    return new TraceParent(hex() + hex(), hex(), "00");
  }

  /** The next step of the same trace. */
  public TraceParent child() {
    return new TraceParent(trace, hex(), flags);
  }

  private static String hex() {
    long bits = ThreadLocalRandom.current().nextLong();
    // All zeros means "none".
    String digits = Long.toHexString(bits == 0 ? 1 : bits);
    return "0".repeat(16 - digits.length()) + digits;
  }

  @Override
  public String toString() {
    return "00-" + trace + '-' + span + '-' + flags;
  }
}
