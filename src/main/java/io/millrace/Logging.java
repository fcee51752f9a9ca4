package io.millrace;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/** Puts the {@link LogSettings} into force for the whole process. */
final class Logging {
  /** Libraries whose ordinary news are of no use to an operator. */
  private static final String[] QUIET = {
    "org.flywaydb", "io.zonky.test", "io.netty", "org.postgresql", "io.vertx"
  };

  private Logging() {}

  /** Must come before the first class of Vert.x is touched: it looks once and never again. */
  static void routeEverythingHere() {
    System.setProperty(
        "vertx.logger-delegate-factory-class-name",
        "io.vertx.core.logging.SLF4JLogDelegateFactory");
  }

  /** Logs go to the terminal's standard error from now on. */
  static void configure(LogSettings settings, Terminal terminal) {
    boolean text =
        switch (settings.format()) {
          case TEXT -> true;
          case JSON -> false;
          case AUTO -> terminal.interactive();
        };
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    EncoderBase<ILoggingEvent> encoder = text ? new TextLineEncoder() : new JsonLineEncoder();
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setName("stderr");
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(terminal.logStream());
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    Level level = Level.convertAnSLF4JLevel(settings.level());
    root.setLevel(level);
    Level quiet = level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN;
    for (String library : QUIET) {
      context.getLogger(library).setLevel(quiet);
    }
    takeOverJavaLogging();
  }

  /** The PostgreSQL driver and parts of the JDK speak java.util.logging. */
  private static void takeOverJavaLogging() {
    LogManager.getLogManager().reset();
    java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
    root.setLevel(java.util.logging.Level.WARNING);
    root.addHandler(new JavaLoggingBridge());
  }
}
