package io.millrace.pipeline;

import io.millrace.engine.Enqueuer;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.GoogleFailure.TooLarge;
import io.millrace.google.MessageData;
import io.millrace.google.MessageFormat;
import io.millrace.google.OnDemand;
import io.millrace.limit.SingleFlight;
import io.millrace.limit.Wait;
import io.millrace.store.MessageCache;
import io.millrace.store.MessageRow;
import io.millrace.store.MessageRows;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers a message to a person: as it is stored, or, where the payload policy left out what is
 * wanted, with the rest fetched from Google by one urgent call and stored for good. However many
 * ask at once, one call is made.
 *
 * <p>An upgrade changes the payload only and leaves labels and tombstones to the sync; its row and
 * the job that derives the interaction anew commit together. Where Google does not give more, what
 * is stored is answered, with the reason. Thread-safe; futures complete on the caller's context and
 * fail only if the database does.
 */
public final class MessageReader {
  private static final int MOST_UPGRADES = 64;

  /** A person waits for what is derived of it too. */
  private static final int PRIORITY = 5;

  private record Upgrade(long user, String id, MessageFormat wanted) {}

  /**
   * What can be answered.
   *
   * @param lacking why it is less than was wanted, in a sentence; null if it is not
   */
  public record Reading(MessageRow message, String lacking) {}

  private final Pool pool;
  private final MessageCache cache;
  private final MessageRows rows;
  private final OnDemand google;
  private final Enqueuer enqueuer;
  private final SingleFlight<Upgrade, String> upgrades = new SingleFlight<>();
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param cache in front of {@code rows}
   */
  public MessageReader(
      Pool pool, MessageCache cache, MessageRows rows, OnDemand google, Enqueuer enqueuer) {
    this.pool = pool;
    this.cache = cache;
    this.rows = rows;
    this.google = google;
    this.enqueuer = enqueuer;
  }

  /** A message as it is stored; empty if it is not. */
  public Future<Optional<MessageRow>> stored(long user, String id) {
    return cache.get(user, id);
  }

  /**
   * A message with at least so much of it; empty if it is not stored, for what a mailbox holds is
   * the sync's to say. One that is deleted or too large is answered as it is.
   */
  public Future<Optional<Reading>> read(long user, String id, MessageFormat wanted) {
    return cache
        .get(user, id)
        .compose(
            found -> {
              if (found.isEmpty() || found.get().format().compareTo(wanted) >= 0) {
                return Future.succeededFuture(found.map(row -> new Reading(row, null)));
              }
              return lacking(user, found.get(), wanted)
                  .compose(why -> cache.get(user, id).map(row -> reading(row, wanted, why)));
            });
  }

  private static Optional<Reading> reading(
      Optional<MessageRow> row, MessageFormat wanted, String why) {
    return row.map(r -> new Reading(r, r.format().compareTo(wanted) >= 0 ? null : why));
  }

  /** Gets more of it; answers why not, or null. */
  private Future<String> lacking(long user, MessageRow row, MessageFormat wanted) {
    if (row.deleted()) {
      return Future.succeededFuture("The message was deleted from the mailbox.");
    }
    if (row.bodyOmitted() && row.format() == MessageFormat.METADATA) {
      return Future.succeededFuture("The message is too large to be fetched whole.");
    }
    return upgrades.join(
        new Upgrade(user, row.id(), wanted),
        () -> {
          if (underWay.incrementAndGet() > MOST_UPGRADES) {
            underWay.decrementAndGet();
            return Future.succeededFuture("Too many messages are being fetched; ask again.");
          }
          // Another upgrade may have ended since the row was read.
          return cache
              .get(user, row.id())
              .compose(
                  now ->
                      now.isEmpty() || now.get().format().compareTo(wanted) >= 0
                          ? Future.<String>succeededFuture()
                          : upgrade(user, now.get(), wanted))
              .onComplete(v -> underWay.decrementAndGet());
        });
  }

  private Future<String> upgrade(long user, MessageRow row, MessageFormat wanted) {
    return google
        .message(user, row.id(), wanted)
        .recover(e -> onceMore(e) ? google.message(user, row.id(), wanted) : Future.failedFuture(e))
        .compose(more -> write(user, more).<String>mapEmpty())
        .recover(e -> tooLarge(e) ? omit(user, row) : Future.succeededFuture(sentence(e)));
  }

  private Future<Void> write(long user, MessageData more) {
    String ids = new JsonObject().put("ids", new JsonArray(List.of(more.id()))).encode();
    NewJob derive = NewJob.of(user, NormalizeEmail.KIND, ids).priority(PRIORITY);
    return pool.withTransaction(
            tx ->
                rows.upgrade(tx, user, more)
                    .compose(
                        changed ->
                            changed
                                ? enqueuer.enqueueAnyKind(tx, List.of(derive))
                                : Future.succeededFuture()))
        .onComplete(
            v -> {
              google.release(more);
              // Even if it failed: it may have been committed.
              cache.changed(user, List.of(more.id()));
            })
        .onSuccess(v -> enqueuer.wake())
        .mapEmpty();
  }

  /** The headers at least, and a note that there will never be more. */
  private Future<String> omit(long user, MessageRow row) {
    Future<Void> headers =
        row.format() == MessageFormat.MINIMAL
            ? google.message(user, row.id(), MessageFormat.METADATA).compose(m -> write(user, m))
            : Future.succeededFuture();
    return headers
        .compose(v -> rows.omitBody(user, row.id()))
        .onComplete(v -> cache.changed(user, List.of(row.id())))
        .map("The message is too large to be fetched whole.")
        .recover(e -> Future.succeededFuture(sentence(e)));
  }

  private static boolean onceMore(Throwable e) {
    return e instanceof GoogleException g && !g.failure().permanent() && !g.failure().quota();
  }

  private static boolean tooLarge(Throwable e) {
    return e instanceof GoogleException g && g.failure() instanceof TooLarge;
  }

  /**
   * What to tell a person.
   *
   * @throws RuntimeException the failure itself, if it is neither Google's nor a wait
   */
  static String sentence(Throwable e) {
    if (e instanceof GoogleException g) {
      return g.failure() instanceof NotFound
          ? "Google has the message no more."
          : g.failure().sentence();
    }
    if (e instanceof Wait) {
      return "It has to wait: " + e.getMessage();
    }
    throw e instanceof RuntimeException r ? r : new IllegalStateException(e);
  }
}
