package io.millrace.pipeline;

import io.millrace.engine.Engine;
import io.millrace.engine.Enqueuer;
import io.millrace.google.MailboxNotice;
import io.millrace.store.NewJob;
import io.millrace.store.Notices;
import io.millrace.store.Notices.Kind;
import io.millrace.store.Notices.Raised;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/**
 * Turns what Gmail tells into syncs: however many notices come for a mailbox, it has one live sync,
 * and none is forgotten. A sync that waits for the next poll starts now; one that runs looks for
 * later notices when it ends ({@link FollowUp}). Thread-safe.
 */
public final class NoticeIntake {
  private final Vertx vertx;
  private final Pool pool;
  private final Notices notices = new Notices();
  private final Enqueuer enqueuer;

  /**
   * @param enqueuer must know {@link GmailSync}
   */
  public NoticeIntake(Vertx vertx, Pool pool, Enqueuer enqueuer) {
    this.vertx = vertx;
    this.pool = pool;
    this.enqueuer = enqueuer;
  }

  /**
   * Takes a notice in; the same one again changes nothing.
   *
   * @return once it is committed, what the notice meant; fails if the database cannot take it now
   */
  public Future<Kind> take(MailboxNotice notice) {
    return pool.withTransaction(
            tx ->
                notices
                    .raise(tx, notice.email(), notice.historyId())
                    .compose(raised -> follow(tx, raised)))
        .onSuccess(
            kind -> {
              if (kind == Kind.NEW) {
                vertx.eventBus().publish(Engine.WAKE, "");
              }
            });
  }

  private Future<Kind> follow(SqlConnection tx, Raised raised) {
    if (raised.kind() != Kind.NEW) {
      return Future.succeededFuture(raised.kind());
    }
    NewJob sync = NewJob.of(raised.user(), GmailSync.KIND, "{}").once(GmailSync.DEDUP_KEY);
    return enqueuer
        .enqueue(tx, List.of(sync))
        .compose(
            ids ->
                ids.get(0) == null
                    ? notices.hurry(tx, raised.user(), GmailSync.DEDUP_KEY)
                    : Future.succeededFuture(true))
        .map(Kind.NEW);
  }
}
