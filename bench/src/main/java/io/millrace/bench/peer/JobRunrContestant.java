package io.millrace.bench.peer;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.configuration.JobRunrConfiguration.JobRunrConfigurationResult;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.utils.mapper.jackson.JacksonJsonMapper;

/**
 * JobRunr with job requests, the cheaper of its two ways to name a job, and the shortest poll that
 * it allows on a database. It keeps a history, as Millrace does.
 */
final class JobRunrContestant implements Contestant {
  /** It refuses shorter ones. */
  private static final int POLL_SECONDS = 5;

  /** What runs: which job it is. */
  public static final class Numbered implements JobRequest {
    private static final long serialVersionUID = 1;

    private int number;

    /** For the JSON mapper. */
    Numbered() {}

    Numbered(int number) {
      this.number = number;
    }

    @Override
    public Class<Handler> getJobRequestHandler() {
      return Handler.class;
    }
  }

  /** Who runs it. */
  public static final class Handler implements JobRequestHandler<Numbered> {
    private final Runs runs;

    Handler(Runs runs) {
      this.runs = runs;
    }

    @Override
    public void run(Numbered request) {
      runs.began(request.number);
    }
  }

  private final int workers;
  private final HikariDataSource pool;
  private final PostgresStorageProvider storage;
  private final JobActivator activator;
  private final JobRequestScheduler requests;
  private JobRunrConfigurationResult running;

  JobRunrContestant(Address address, Properties options, Runs runs) {
    this.workers = Integer.parseInt(options.getProperty("workers", "32"));
    this.pool = address.pool(40);
    this.storage = new PostgresStorageProvider(pool);
    Handler handler = new Handler(runs);
    this.activator =
        new JobActivator() {
          @Override
          public <T> T activateJob(Class<T> type) {
            return type.cast(handler);
          }
        };
    // The mapper has to be known to the storage before anything is enqueued.
    this.requests =
        JobRunr.configure()
            .useJsonMapper(new JacksonJsonMapper())
            .useStorageProvider(storage)
            .initialize()
            .getJobRequestScheduler();
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "version",
        Contestant.version(JobRunr.class),
        "workers",
        workers,
        "pollSeconds",
        POLL_SECONDS,
        "connections",
        pool.getMaximumPoolSize());
  }

  @Override
  public void enqueue(int jobs) {
    requests.enqueue(IntStream.range(0, jobs).mapToObj(Numbered::new));
  }

  @Override
  public void enqueueOne(int number) {
    requests.enqueue(new Numbered(number));
  }

  @Override
  public void start() {
    running =
        JobRunr.configure()
            .useJsonMapper(new JacksonJsonMapper())
            .useJobActivator(activator)
            .useStorageProvider(storage)
            .useBackgroundJobServer(
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                    .andWorkerCount(workers)
                    .andPollIntervalInSeconds(POLL_SECONDS)
                    .andInterruptJobsAwaitDurationOnStopBackgroundJobServer(Duration.ofSeconds(5)))
            .initialize();
  }

  @Override
  public void stop() {
    running.getBackgroundJobServer().stop();
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public void close() {
    storage.close();
    pool.close();
  }
}
