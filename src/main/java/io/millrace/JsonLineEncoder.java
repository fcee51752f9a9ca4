package io.millrace;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * One event, one line, one JSON object of at most 16 KiB: time, level, logger, thread, message,
 * then the event's own fields (job, user, kind, attempt…) and its exception.
 */
final class JsonLineEncoder extends EncoderBase<ILoggingEvent> {
  /** Bytes of a line at the most, with its end. */
  static final int LONGEST = 16 * 1024;

  private static final Set<String> OURS =
      Set.of("time", "level", "logger", "thread", "message", "exception", "truncated");
  private static final byte[] NOTHING = {};

  private final JsonFactory json = new JsonFactory();

  @Override
  public byte[] encode(ILoggingEvent event) {
    try {
      byte[] line = line(event, false);
      return line.length <= LONGEST ? line : line(event, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A short line leaves out all that has no bound in bytes once it is escaped. */
  private byte[] line(ILoggingEvent event, boolean brief) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = json.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
      out.writeStringField("level", event.getLevel().toString());
      out.writeStringField("logger", LogText.cut(event.getLoggerName(), 200));
      out.writeStringField("thread", LogText.cut(event.getThreadName(), 100));
      String message = LogText.message(event);
      out.writeStringField("message", brief ? LogText.cut(message, 1_000) : message);
      if (brief) {
        out.writeBooleanField("truncated", true);
      } else {
        for (Map.Entry<String, Object> field : LogText.fields(event).entrySet()) {
          String key = field.getKey();
          out.writeFieldName(OURS.contains(key) ? key + "_" : key);
          value(out, field.getValue());
        }
      }
      exception(out, event.getThrowableProxy(), brief);
      out.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void value(JsonGenerator out, Object value) throws IOException {
    if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      out.writeNumber(((Number) value).longValue());
    } else if (value instanceof Double || value instanceof Float) {
      out.writeNumber(((Number) value).doubleValue());
    } else if (value instanceof BigInteger || value instanceof BigDecimal) {
      out.writeNumber(new BigDecimal(value.toString()));
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else {
      out.writeString(value.toString());
    }
  }

  private static void exception(JsonGenerator out, IThrowableProxy thrown, boolean brief)
      throws IOException {
    if (thrown == null) {
      return;
    }
    out.writeObjectFieldStart("exception");
    out.writeStringField("class", LogText.cut(thrown.getClassName(), 200));
    if (thrown.getMessage() != null) {
      out.writeStringField("message", LogText.cut(thrown.getMessage(), LogText.VALUE));
    }
    if (!brief) {
      out.writeStringField("stack", LogText.stack(thrown));
    }
    out.writeEndObject();
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
