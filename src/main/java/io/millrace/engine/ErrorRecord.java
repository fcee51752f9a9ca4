package io.millrace.engine;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A failure as it is kept with its job: the last ones in {@code job_progress.attempts}, the final
 * one in {@code job_dead.error}. JSON of at most about 12 KiB, without secrets. Pure.
 *
 * <p>{@code failure} is the class of the failure, {@code class} that of the exception, {@code
 * causes} the chain below it, {@code retryable} whether another attempt followed or may help,
 * {@code spent} whether the attempt counted.
 */
final class ErrorRecord {
  static final int MESSAGE_CHARS = 1_000;

  /** In place of a failure's class, where nobody was left to tell one; written by rescue.sql. */
  static final String LOST = "lost";

  private static final int CAUSE_CHARS = 300;
  private static final int CAUSES = 5;
  private static final int STACK_FRAMES = 30;
  private static final int FRAME_CHARS = 160;

  private ErrorRecord() {}

  /**
   * @param attempt the number of the attempt, from 1
   * @param context what else may help: the kind, the trace, how far the run was
   */
  static JsonObject of(
      Throwable cause,
      FailureClass failure,
      boolean retryable,
      boolean spent,
      int attempt,
      Instant at,
      JsonObject context) {
    return new JsonObject()
        .put("failure", failure.key())
        .put("class", cause.getClass().getName())
        .put("message", words(String.valueOf(cause.getMessage())))
        .put("causes", causes(cause))
        .put("stack", stack(cause))
        .put("at", at.toString())
        .put("attempt", attempt)
        .put("retryable", retryable)
        .put("spent", spent)
        .put("context", context);
  }

  /**
   * How many of the last attempts, without a break, were of this class.
   *
   * @param failure the key of a {@link FailureClass}, or {@link #LOST}
   */
  static int inARow(String attempts, String failure) {
    if (attempts == null) {
      return 0;
    }
    JsonArray all = new JsonArray(attempts);
    int count = 0;
    for (int i = all.size() - 1; i >= 0; i--) {
      JsonObject one = all.getJsonObject(i);
      if (!failure.equals(one.getString("failure"))) {
        break;
      }
      count++;
    }
    return count;
  }

  private static JsonArray causes(Throwable failure) {
    JsonArray causes = new JsonArray();
    Throwable cause = failure.getCause();
    for (int i = 0; i < CAUSES && cause != null; i++) {
      causes.add(
          new JsonObject()
              .put("class", cause.getClass().getName())
              .put("message", bounded(String.valueOf(cause.getMessage()), CAUSE_CHARS)));
      cause = cause.getCause();
    }
    return causes;
  }

  /** The frames of the innermost cause that has any: there it broke. */
  private static String stack(Throwable failure) {
    StackTraceElement[] frames = failure.getStackTrace();
    Throwable cause = failure.getCause();
    for (int i = 0; i < CAUSES && cause != null; i++) {
      frames = cause.getStackTrace().length > 0 ? cause.getStackTrace() : frames;
      cause = cause.getCause();
    }
    StringBuilder stack = new StringBuilder();
    for (int i = 0; i < Math.min(STACK_FRAMES, frames.length); i++) {
      stack.append(bounded(frames[i].toString(), FRAME_CHARS)).append('\n');
    }
    return stack.toString();
  }

  /** As PostgreSQL can hold it and a person can read it, without secrets; null stays null. */
  static String words(String text) {
    return text == null ? null : bounded(text, MESSAGE_CHARS);
  }

  private static String bounded(String text, int most) {
    // Masked before it is cut, for half a secret would not be recognised; and cut before it is
    // masked, so that a message of megabytes costs nothing.
    String head = text.substring(0, Math.min(text.length(), 4 * most));
    String masked = Mask.secrets(head);
    boolean cut = masked.length() > most || head.length() < text.length();
    return storable(masked.substring(0, Math.min(masked.length(), most))) + (cut ? "…" : "");
  }

  /** NUL and halves of surrogate pairs are refused by jsonb. */
  private static String storable(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c != 0) {
                kept.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c);
              }
            });
    return kept.toString();
  }
}
