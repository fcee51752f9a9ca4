package io.millrace.bench.peer;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * db-scheduler with what its documentation recommends for throughput on PostgreSQL: lock-and-fetch,
 * and immediate execution of what is enqueued in the same process. It keeps no history.
 */
final class DbSchedulerContestant implements Contestant {
  /** It wants its table made for it, as its documentation has it. */
  private static final String TABLE =
      """
      create table if not exists scheduled_tasks (
        task_name text not null, task_instance text not null, task_data bytea,
        execution_time timestamptz, picked boolean not null, picked_by text,
        last_success timestamptz, last_failure timestamptz, consecutive_failures int,
        last_heartbeat timestamptz, version bigint not null, priority smallint, state text,
        primary key (task_name, task_instance));
      create index if not exists execution_time_idx on scheduled_tasks (execution_time);
      create index if not exists last_heartbeat_idx on scheduled_tasks (last_heartbeat)""";

  private final int threads;
  private final double lower;
  private final double upper;
  private final int pollMs;
  private final boolean immediate;
  private final HikariDataSource enqueuing;
  private final HikariDataSource working;
  private final OneTimeTask<Void> task;
  private final SchedulerClient client;
  private Scheduler scheduler;

  DbSchedulerContestant(Address address, Properties options, Runs runs) throws SQLException {
    this.threads = Integer.parseInt(options.getProperty("threads", "20"));
    this.lower = Double.parseDouble(options.getProperty("lower", "1"));
    this.upper = Double.parseDouble(options.getProperty("upper", "4"));
    this.pollMs = Integer.parseInt(options.getProperty("pollMs", "20"));
    this.immediate = Boolean.parseBoolean(options.getProperty("immediate", "true"));
    this.enqueuing = address.pool(10);
    this.working = address.pool(Math.min(threads, 40));
    try (Connection connection = enqueuing.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
    this.task =
        Tasks.oneTime("bench")
            .execute((instance, context) -> runs.began(Integer.parseInt(instance.getId())));
    this.client = SchedulerClient.Builder.create(enqueuing, task).build();
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "version", Contestant.version(Scheduler.class),
        "threads", threads,
        "polling", "lock-and-fetch",
        "lower", lower,
        "upper", upper,
        "pollMs", pollMs,
        "immediateExecution", immediate,
        "connections", working.getMaximumPoolSize());
  }

  @Override
  public void enqueue(int jobs) {
    Stream<TaskInstance<?>> all =
        IntStream.range(0, jobs).mapToObj(n -> task.instance(Integer.toString(n)));
    client.scheduleBatch(all, Instant.now());
  }

  @Override
  public void enqueueOne(int number) {
    // Through the scheduler itself, which only then knows of it at once.
    scheduler.scheduleIfNotExists(task.instance(Integer.toString(number)), Instant.now());
  }

  @Override
  public void start() {
    var builder =
        Scheduler.create(working, task)
            .threads(threads)
            .pollUsingLockAndFetch(lower, upper)
            .pollingInterval(Duration.ofMillis(pollMs))
            .shutdownMaxWait(Duration.ofSeconds(10));
    scheduler = (immediate ? builder.enableImmediateExecution() : builder).build();
    scheduler.start();
  }

  @Override
  public void stop() {
    scheduler.stop();
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public void close() {
    enqueuing.close();
    working.close();
  }
}
