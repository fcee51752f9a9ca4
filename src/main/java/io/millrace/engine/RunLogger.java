package io.millrace.engine;

import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * An ordinary logger whose every line names the run: its fields travel with the object and not with
 * the thread, since a run shares its event loop with others.
 */
final class RunLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final transient Logger logger;
  private final transient Supplier<Map<String, Object>> fields;

  /**
   * @param fields asked for each line
   */
  RunLogger(String name, Supplier<Map<String, Object>> fields) {
    this.logger = LoggerFactory.getLogger(name);
    this.name = name;
    this.fields = fields;
  }

  @Override
  public LoggingEventBuilder makeLoggingEventBuilder(Level level) {
    LoggingEventBuilder builder = logger.atLevel(level);
    for (Map.Entry<String, Object> field : fields.get().entrySet()) {
      builder = builder.addKeyValue(field.getKey(), field.getValue());
    }
    return builder;
  }

  @Override
  public boolean isTraceEnabled() {
    return logger.isTraceEnabled();
  }

  @Override
  public boolean isDebugEnabled() {
    return logger.isDebugEnabled();
  }

  @Override
  public boolean isInfoEnabled() {
    return logger.isInfoEnabled();
  }

  @Override
  public boolean isWarnEnabled() {
    return logger.isWarnEnabled();
  }

  @Override
  public boolean isErrorEnabled() {
    return logger.isErrorEnabled();
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return RunLogger.class.getName();
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String message, Object[] arguments, Throwable thrown) {
    LoggingEventBuilder builder = makeLoggingEventBuilder(level).setCause(thrown);
    if (marker != null) {
      builder = builder.addMarker(marker);
    }
    builder.log(message, arguments);
  }
}
