package io.millrace;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails the tests during which Vert.x warns that an event loop "has been blocked".
 *
 * <p>The limit is {@code vertx.options.maxEventLoopExecuteTime} in the pom: one second, half of
 * Vert.x's own. A loop that was caught loading a class is let go: a path taken for the first time
 * in a cold JVM was seen to take a second of that on two busy cores, and blocks nobody twice.
 */
public final class BlockedLoops implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  private static final BlockingQueue<String> WARNINGS = new LinkedBlockingQueue<>();

  static {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    listen(context);
    context.addListener(new AfterReset());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    // Being here has loaded the class, which listens from then on.
  }

  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check();
  }

  private static void check() {
    List<String> found = taken();
    if (!found.isEmpty()) {
      throw new AssertionError("An event loop was blocked:\n" + String.join("\n", found));
    }
  }

  /** The next warning, or null if there is none in this time. */
  static String awaitOne(long time, TimeUnit unit) throws InterruptedException {
    return WARNINGS.poll(time, unit);
  }

  /** The warnings so far, which are forgotten. */
  static List<String> taken() {
    List<String> found = new ArrayList<>();
    WARNINGS.drainTo(found);
    return found;
  }

  private static void listen(LoggerContext context) {
    Appender appender = new Appender();
    appender.setContext(context);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
  }

  private static final class Appender extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      String message = event.getFormattedMessage();
      if (message.contains("has been blocked") && !loadsClasses(event)) {
        WARNINGS.add(message + "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
  }

  private static boolean loadsClasses(ILoggingEvent event) {
    return event.getThrowableProxy() != null
        && Arrays.stream(event.getThrowableProxy().getStackTraceElementProxyArray())
            .anyMatch(f -> f.getStackTraceElement().getClassName().equals("java.lang.ClassLoader"));
  }

  /** Logging is configured anew by some tests, which removes every appender. */
  private static final class AfterReset implements LoggerContextListener {
    @Override
    public boolean isResetResistant() {
      return true;
    }

    @Override
    public void onReset(LoggerContext context) {
      listen(context);
    }

    @Override
    public void onStart(LoggerContext context) {}

    @Override
    public void onStop(LoggerContext context) {}

    @Override
    public void onLevelChange(Logger logger, Level level) {}
  }
}
