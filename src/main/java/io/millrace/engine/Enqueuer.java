package io.millrace.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.millrace.store.Jobs;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * The one way in for jobs from Java: each payload is checked before anything is written, and one
 * that is refused refuses the whole call. With a connection the jobs are part of the caller's
 * transaction; without one they are committed when the future completes, and looked for at once.
 * Thread-safe.
 *
 * <p>All methods answer futures that fail with {@link PayloadException} for a wrong payload, with
 * {@link IllegalArgumentException} for an unknown kind, and with what the database says.
 */
public final class Enqueuer {
  /** Characters and jobs up to which payloads are checked on the caller's event loop. */
  private static final long QUICK_CHARS = 256 * 1024;

  private static final int QUICK_JOBS = 1_000;

  private final Vertx vertx;
  private final Pool pool;
  private final Jobs jobs;
  private final Map<String, KnownKind<?>> kinds;
  private volatile RunObserver observer = RunObserver.NONE;
  private volatile Function<NewJob, Future<Long>> start = job -> Future.succeededFuture();

  Enqueuer(Vertx vertx, Pool pool, Jobs jobs, Map<String, KnownKind<?>> kinds) {
    this.vertx = vertx;
    this.pool = pool;
    this.jobs = jobs;
    this.kinds = Map.copyOf(kinds);
  }

  /**
   * For a process that runs no jobs itself.
   *
   * @param handlers the kinds whose payloads can be checked here
   */
  public static Enqueuer of(Vertx vertx, Pool pool, Jobs jobs, List<JobHandler<?>> handlers) {
    return new Enqueuer(vertx, pool, jobs, KnownKind.of(handlers));
  }

  /**
   * A job of ordinary priority, to be enqueued as it is or with a key, a time and so on.
   *
   * @param payload of the class that the kind's handler takes
   * @throws PayloadException if it cannot be written as JSON
   * @throws IllegalArgumentException if the kind is unknown here or takes another class
   */
  public NewJob job(String kind, long user, Object payload) {
    KnownKind<?> known = known(kind);
    if (!known.handler().payload().isInstance(payload)) {
      throw new IllegalArgumentException(
          "Jobs of kind %s take a %s, not %s."
              .formatted(
                  kind,
                  known.handler().payload().getName(),
                  payload == null ? "null" : "a " + payload.getClass().getName()));
    }
    try {
      return NewJob.of(user, kind, StrictJson.STRICT.writeValueAsString(payload));
    } catch (JsonProcessingException e) {
      throw new PayloadException(
          kind, "$", "it cannot be written as JSON: " + ErrorRecord.words(e.getOriginalMessage()));
    }
  }

  /** Enqueues one job and commits; answers its id. */
  public Future<Long> enqueue(String kind, long user, Object payload) {
    return enqueue(pool, kind, user, payload);
  }

  /** Enqueues one job in the caller's transaction; answers its id. */
  public Future<Long> enqueue(SqlClient client, String kind, long user, Object payload) {
    return attempt(() -> List.of(job(kind, user, payload)))
        .compose(made -> enqueue(client, made))
        .map(ids -> ids.get(0));
  }

  /** Enqueues jobs of known kinds and commits; ids as {@link Jobs#enqueue} answers them. */
  public Future<List<Long>> enqueue(List<NewJob> wanted) {
    return enqueue(pool, wanted);
  }

  /** Enqueues jobs of known kinds in the caller's transaction. */
  public Future<List<Long>> enqueue(SqlClient client, List<NewJob> wanted) {
    return attempt(
            () -> {
              wanted.forEach(job -> known(job.kind()));
              return wanted;
            })
        .compose(v -> enqueueAnyKind(client, wanted));
  }

  /**
   * The same, but kinds that nobody in this process knows are let through: their payloads are
   * checked for size and shape, kept until a worker knows the kind, and checked by it.
   */
  public Future<List<Long>> enqueueAnyKind(SqlClient client, List<NewJob> given) {
    List<NewJob> wanted = given.stream().map(this::coming).toList();
    return checked(wanted)
        .compose(
            v ->
                client == pool && wanted.size() == 1 && wanted.get(0).plain()
                    ? start.apply(wanted.get(0))
                    : Future.succeededFuture())
        .compose(id -> id == null ? queue(client, wanted) : Future.succeededFuture(List.of(id)));
  }

  private Future<List<Long>> queue(SqlClient client, List<NewJob> wanted) {
    return jobs.enqueue(client, wanted)
        .onSuccess(
            ids -> {
              if (client instanceof Pool) {
                vertx.eventBus().publish(Engine.WAKE, "");
              }
            });
  }

  /**
   * Lets jobs that come alone begin at once in this process, where they can.
   *
   * @param starts answers the id of a job that it has brought and started, else null
   */
  void startBy(Function<NewJob, Future<Long>> starts) {
    start = starts;
  }

  void observedBy(RunObserver other) {
    observer = other;
  }

  private NewJob coming(NewJob job) {
    return job.trace() == null ? observer.coming(job) : job;
  }

  /** Batches of jobs, and work over dimensions. */
  public JobBatches batches() {
    return new JobBatches(pool, this, jobs.batches());
  }

  /** What was committed in a transaction of the caller's is looked for at once. */
  public void wake() {
    vertx.eventBus().publish(Engine.WAKE, "");
  }

  /** Jobs that follow from a run come from its place in its trace, unless they have one. */
  Future<Void> follow(SqlClient client, List<NewJob> wanted, TraceParent trace) {
    return enqueueAnyKind(
            client,
            wanted.stream()
                .map(job -> job.trace() == null ? job.traced(trace.toString()) : job)
                .toList())
        .mapEmpty();
  }

  /** Fails if a payload is wrong. */
  Future<Void> checked(List<NewJob> wanted) {
    Callable<Void> check =
        () -> {
          wanted.forEach(this::check);
          return null;
        };
    return quick(wanted) ? attempt(check) : vertx.executeBlocking(check, false);
  }

  private boolean quick(List<NewJob> wanted) {
    long chars = 0;
    for (NewJob job : wanted) {
      KnownKind<?> known = kinds.get(job.kind());
      if (job.payload() != null) {
        chars += job.payload().length();
        if (chars > QUICK_CHARS || (known != null && !known.form().quick(job.payload()))) {
          return false;
        }
      }
    }
    return wanted.size() <= QUICK_JOBS;
  }

  private void check(NewJob job) {
    KnownKind<?> known = kinds.get(job.kind());
    PayloadShape.check(job.kind(), job.payload(), known == null);
    if (known != null) {
      known.form().read(job.payload());
    }
  }

  /**
   * Checks a payload as it would be at the enqueueing of a job; a kind that nobody here knows takes
   * any JSON object of the allowed size.
   */
  Future<Void> validate(String kind, String payload) {
    return checked(List.of(NewJob.of(0, kind, payload)));
  }

  private KnownKind<?> known(String kind) {
    KnownKind<?> known = kind == null ? null : kinds.get(kind);
    if (known == null) {
      throw new IllegalArgumentException(
          "No handler in this process knows jobs of kind %s; it knows %s."
              .formatted(
                  kind,
                  kinds.isEmpty() ? "none" : String.join(", ", new TreeSet<>(kinds.keySet()))));
    }
    return known;
  }

  private static <T> Future<T> attempt(Callable<T> work) {
    try {
      return Future.succeededFuture(work.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }
}
