package io.millrace;

import org.slf4j.event.Level;

/**
 * What is written to standard error: configuration section {@code log}.
 *
 * @param level the least severe level that is written
 */
public record LogSettings(Format format, Level level) {
  /** How an event becomes a line. */
  public enum Format {
    /** One JSON object a line. */
    JSON,
    /** For a person. */
    TEXT,
    /** Text if standard error is a terminal, else JSON. */
    AUTO
  }
}
