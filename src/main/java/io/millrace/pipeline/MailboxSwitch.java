package io.millrace.pipeline;

import io.millrace.engine.Enqueuer;
import io.millrace.google.AccessTokens;
import io.millrace.google.GmailClient;
import io.millrace.store.MailboxControls;
import io.millrace.store.NewJob;
import io.millrace.store.Watches;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets somebody halt a mailbox, go on with it, and let go of it. A sync that comes to a halted
 * mailbox is skipped, whichever process runs it. Thread-safe.
 */
public final class MailboxSwitch {
  private static final Logger log = LoggerFactory.getLogger(MailboxSwitch.class);

  /**
   * Gmail forgets a watch by itself after a week: to tell it earlier is not worth a longer wait.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Pool pool;
  private final GmailClient gmail;
  private final AccessTokens tokens;
  private final Enqueuer enqueuer;
  private final Watches watches;
  private final MailboxControls controls = new MailboxControls();

  /**
   * @param tokens those that {@code gmail} uses
   * @param enqueuer must know {@link GmailSync}
   */
  public MailboxSwitch(Pool pool, GmailClient gmail, AccessTokens tokens, Enqueuer enqueuer) {
    this.pool = pool;
    this.gmail = gmail;
    this.tokens = tokens;
    this.enqueuer = enqueuer;
    this.watches = new Watches(pool);
  }

  /**
   * Halts a mailbox, in the caller's transaction.
   *
   * @param why a few words for whoever looks, or null
   * @return false if it was halted already, or there is none
   */
  public Future<Boolean> pause(SqlConnection tx, long user, String why) {
    return controls.pause(tx, user, why);
  }

  /**
   * Goes on with a mailbox: a sync is enqueued in the caller's transaction, unless one is live. To
   * be followed by {@link Enqueuer#wake} once it is committed.
   *
   * @return false if it was not halted
   */
  public Future<Boolean> resume(SqlConnection tx, long user) {
    NewJob sync = NewJob.of(user, GmailSync.KIND, "{}").once(GmailSync.DEDUP_KEY);
    return controls
        .resume(tx, user)
        .compose(
            changed ->
                changed
                    ? enqueuer.enqueue(tx, List.of(sync)).map(true)
                    : Future.succeededFuture(false));
  }

  /**
   * To be called before {@link #disconnect}, outside a transaction: if Gmail tells a topic of the
   * mailbox's changes, it is asked not to any more. Takes some seconds at the most and fails only
   * if the database does; that Gmail could not be asked is logged, since its promise ends by itself
   * within a week and what it tells of an unconnected mailbox is ignored.
   */
  public Future<Void> unwatch(long user) {
    return watches
        .alive(user)
        .compose(
            alive ->
                alive
                    ? gmail.stop(user, PATIENCE).recover(e -> unasked(user, e))
                    : Future.succeededFuture());
  }

  private static Future<Void> unasked(long user, Throwable e) {
    log.atWarn()
        .addKeyValue("user", user)
        .log("Gmail could not be asked to tell of the mailbox no more: {}", e.getMessage());
    return Future.succeededFuture();
  }

  /**
   * Gives up the mailbox's grant, in the caller's transaction; what is stored stays, and so do its
   * account and its place, so that it can be connected again. To be followed by {@link #forget}
   * once it is committed.
   *
   * @return false if it was disconnected already, or there is none
   */
  public Future<Boolean> disconnect(SqlConnection tx, long user) {
    return controls.disconnect(tx, user);
  }

  /**
   * Lets this process forget the access token that it holds; others hear of it, see {@link
   * GrantNews}.
   */
  public void forget(long user) {
    tokens.forget(user);
  }

  /** All of it: asks Gmail to tell no more, gives up the grant, and forgets the access token. */
  public Future<Boolean> disconnect(long user) {
    return unwatch(user)
        .compose(v -> pool.withTransaction(tx -> disconnect(tx, user)))
        .onSuccess(v -> forget(user));
  }
}
