package io.millrace.bench.peer;

import io.millrace.engine.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

/**
 * Millrace itself, in the process and through the API that an application would use. With the
 * option {@code hold} its jobs never end; with {@code console} it serves its console as well.
 */
final class MillraceContestant implements Contestant {
  private static final Future<Outcome> DONE = Future.succeededFuture(new Outcome.Completed(null));

  private final Runs runs;
  private final boolean hold;
  private final EngineUnderTest.Settings settings;
  private final EngineUnderTest engine;

  MillraceContestant(Address address, Properties options, Runs runs) throws Exception {
    this.runs = runs;
    this.hold = Boolean.parseBoolean(options.getProperty("hold", "false"));
    this.settings =
        new EngineUnderTest.Settings(
            Integer.parseInt(options.getProperty("slots", "4000")),
            Integer.parseInt(options.getProperty("users", "100")),
            Integer.parseInt(options.getProperty("connections", "8")),
            Duration.ofMillis(Long.parseLong(options.getProperty("leaseMs", "60000"))),
            Duration.ofMillis(Long.parseLong(options.getProperty("heartbeatMs", "20000"))),
            Boolean.parseBoolean(options.getProperty("keyed", "false")),
            Integer.parseInt(options.getProperty("hashPartitions", "1")),
            options.getProperty("console", "none"));
    this.engine = new EngineUnderTest(address, settings);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "slots", settings.slots(),
        "users", settings.users(),
        "connections", settings.connections(),
        "hashPartitions", settings.hashPartitions());
  }

  @Override
  public void enqueue(int jobs) throws Exception {
    engine.enqueue(jobs);
  }

  @Override
  public void enqueueOne(int number) {
    engine
        .enqueueOne(number)
        .onFailure(e -> System.err.println("job " + number + " could not be enqueued: " + e));
  }

  @Override
  public void start() throws Exception {
    engine.start(
        n -> {
          runs.began(n);
          return hold ? Promise.<Outcome>promise().future() : DONE;
        });
  }

  @Override
  public void stop() throws Exception {
    engine.stop();
  }

  @Override
  public boolean blocks() {
    return false;
  }

  @Override
  public int console() {
    return engine.console();
  }

  @Override
  public void close() throws Exception {
    engine.close();
  }
}
