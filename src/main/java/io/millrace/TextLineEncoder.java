package io.millrace;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** One event as a line for a person, its exception on lines below. */
final class TextLineEncoder extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
  private static final byte[] NOTHING = {};

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    String level = event.getLevel().toString();
    line.append(' ').append(level).append(" ".repeat(Math.max(0, 5 - level.length())));
    String logger = event.getLoggerName();
    line.append(' ').append(logger.substring(logger.lastIndexOf('.') + 1)).append(": ");
    line.append(harmless(LogText.message(event)));
    LogText.fields(event)
        .forEach(
            (key, value) -> line.append(' ').append(key).append('=').append(harmless(value + "")));
    line.append('\n');
    if (event.getThrowableProxy() != null) {
      line.append("  ").append(harmless(LogText.title(event.getThrowableProxy()))).append('\n');
      LogText.stack(event.getThrowableProxy())
          .lines()
          .forEach(frame -> line.append("    ").append(harmless(frame)).append('\n'));
    }
    return line.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Text that came from outside must neither forge a line nor command the terminal. */
  private static String harmless(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.chars().forEach(c -> clean.append(Character.isISOControl(c) ? ' ' : (char) c));
    return clean.toString();
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
