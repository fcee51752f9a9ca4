package io.millrace;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;

/**
 * Makes the Vert.x of a command. Vert.x says so in the log when an event loop is held up for too
 * long; the system property below says how long that is, so that tests can be stricter.
 */
final class EventLoops {
  /** Nanoseconds; Vert.x's own default where it is not set. */
  static final String LONGEST = "vertx.options.maxEventLoopExecuteTime";

  private EventLoops() {}

  /** A Vert.x for a whole process. */
  static Vertx vertx() {
    return Vertx.vertx(options());
  }

  /** The options that it is made with. */
  static VertxOptions options() {
    VertxOptions options = new VertxOptions();
    Long longest = Long.getLong(LONGEST);
    if (longest != null) {
      options
          .setMaxEventLoopExecuteTimeUnit(TimeUnit.NANOSECONDS)
          .setMaxEventLoopExecuteTime(longest)
          .setWarningExceptionTimeUnit(TimeUnit.NANOSECONDS)
          .setWarningExceptionTime(longest)
          .setBlockedThreadCheckIntervalUnit(TimeUnit.NANOSECONDS)
          .setBlockedThreadCheckInterval(Math.max(1_000_000, longest / 2));
    }
    return options;
  }
}
