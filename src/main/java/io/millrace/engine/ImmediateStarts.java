package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.NewJob;
import io.millrace.store.Starts;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Starts a job in the transaction that brings it, where it would be claimed at once anyway: a slot
 * of its kind is free here and nothing else waits for one. That saves a commit, a claim and a
 * wake-up. If the answer is lost, the run is a stray like that of a lost claim, and is given back.
 *
 * <p>{@link #start} may be called from any thread; all else belongs to the claimer's context.
 */
final class ImmediateStarts {
  /**
   * Where a job may begin.
   *
   * @param low the rank from which to look whether others wait
   */
  record Place(int worker, long timeoutMs, long low) {}

  private final Vertx vertx;
  private final Context context;
  private final Starts starts;
  private final Strays strays;
  private final Function<String, Place> places;
  private final BiConsumer<String, ClaimedJob> ended;
  private int underWay;
  private Promise<Void> quiet;

  /**
   * @param places takes a slot of a kind and tells where it is; null if there is none
   * @param ended told of each slot taken: the job that begins there, or null if it is free again
   */
  ImmediateStarts(
      Vertx vertx,
      Context context,
      Starts starts,
      Strays strays,
      Function<String, Place> places,
      BiConsumer<String, ClaimedJob> ended) {
    this.vertx = vertx;
    this.context = context;
    this.starts = starts;
    this.strays = strays;
    this.places = places;
    this.ended = ended;
  }

  /**
   * Brings a job and starts it here.
   *
   * @return its id; null, and nothing is written, if it has to stand in the queue. Fails with what
   *     the database says, and then it may have been written all the same
   */
  Future<Long> start(NewJob job) {
    Promise<Long> started = Promise.promise();
    Context caller = vertx.getOrCreateContext();
    context.runOnContext(
        v ->
            Future.succeededFuture()
                .compose(w -> begin(job))
                // What the caller does next is no business of the claimer's event loop.
                .onComplete(done -> caller.runOnContext(w -> started.handle(done))));
    return started.future();
  }

  private Future<Long> begin(NewJob job) {
    Place place = quiet != null || strays.due() ? null : places.apply(job.kind());
    if (place == null) {
      return Future.succeededFuture();
    }
    underWay++;
    return starts
        .start(place.worker(), job, place.timeoutMs(), place.low())
        .onFailure(
            e -> {
              if (mayBeWritten(e)) {
                strays.lost();
              }
            })
        .onComplete(
            done -> {
              try {
                ended.accept(job.kind(), done.result());
              } finally {
                underWay--;
                if (underWay == 0 && quiet != null) {
                  quiet.complete();
                }
              }
            })
        .map(claimed -> claimed == null ? null : claimed.key().id());
  }

  /** Not if PostgreSQL itself says what is wrong with it. */
  private static boolean mayBeWritten(Throwable e) {
    return !(e instanceof PgException refused)
        || refused.getSqlState() == null
        || refused.getSqlState().startsWith("08")
        || refused.getSqlState().startsWith("57")
        || refused.getSqlState().startsWith("58");
  }

  /** Does something while no start is under way; others wait for their turn meanwhile. */
  Future<Void> quiet(Supplier<Future<Void>> work) {
    if (!strays.due()) {
      return Future.succeededFuture();
    }
    quiet = Promise.promise();
    if (underWay == 0) {
      quiet.complete();
    }
    return quiet.future().compose(v -> work.get()).onComplete(v -> quiet = null);
  }
}
