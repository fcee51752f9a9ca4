package io.millrace;

import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;

/** Makes every Vert.x of the tests as strict about its event loops as those of the commands. */
public final class WatchedLoops implements VertxServiceProvider {
  @Override
  public void init(VertxBootstrap bootstrap) {
    VertxOptions strict = EventLoops.options();
    bootstrap
        .options()
        .setMaxEventLoopExecuteTime(strict.getMaxEventLoopExecuteTime())
        .setMaxEventLoopExecuteTimeUnit(strict.getMaxEventLoopExecuteTimeUnit())
        .setBlockedThreadCheckInterval(strict.getBlockedThreadCheckInterval())
        .setBlockedThreadCheckIntervalUnit(strict.getBlockedThreadCheckIntervalUnit())
        .setWarningExceptionTime(strict.getWarningExceptionTime())
        .setWarningExceptionTimeUnit(strict.getWarningExceptionTimeUnit());
  }
}
