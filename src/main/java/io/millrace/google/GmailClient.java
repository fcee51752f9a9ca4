package io.millrace.google;

import io.millrace.limit.ByteBudget;
import io.millrace.limit.Quota;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Gmail API, as much of it as is needed to keep mailboxes in step.
 *
 * <p>Every call waits for units of quota and is charged when it is attempted. Futures fail with
 * {@link io.millrace.limit.QuotaWait} when the units are far off, with {@link
 * io.millrace.limit.BreakerWait} while Google is left alone, and with {@link GoogleException} when
 * the call failed. Thread-safe; futures complete on the caller's context.
 *
 * <p>What messages hold in memory is charged to the byte budget until the receiver calls {@link
 * #release}; while the budget is full, answers are not read on. So a receiver must not wait for
 * more messages before it releases those that it has.
 */
public final class GmailClient {
  private static final Logger log = LoggerFactory.getLogger(GmailClient.class);
  private static final int MOST_PARTS = 50;

  private final Vertx vertx;
  private final Prices prices;
  private final boolean free;
  private final Arrivals arrivals;
  private final InstantSource clock;
  private final Traffic traffic = new Traffic();
  private final Paths paths;
  private final Replies replies;
  private final Caller caller;
  private final InFlight inFlight;

  /** Whether the peer knows batches: Google does, others may not. */
  private volatile boolean batches = true;

  /**
   * @param http for the API's root, see {@link GoogleHttp#client}
   * @param budget over all answers and messages held in memory
   * @param maxResponseBytes the longest answer accepted, as it comes and inflated
   */
  public GmailClient(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      QuotaProfile profile,
      Quota quota,
      AccessTokens tokens,
      ByteBudget budget,
      long maxResponseBytes,
      InstantSource clock) {
    this(vertx, http, settings, profile, quota, tokens, budget, maxResponseBytes, List.of(), clock);
  }

  /**
   * The same, asking for some headers only.
   *
   * @param metadataHeaders the headers wanted with the format metadata; empty for all
   */
  public GmailClient(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      QuotaProfile profile,
      Quota quota,
      AccessTokens tokens,
      ByteBudget budget,
      long maxResponseBytes,
      List<String> metadataHeaders,
      InstantSource clock) {
    this.vertx = vertx;
    this.prices = profile.prices();
    this.free = profile.limits().unlimited();
    this.arrivals = new Arrivals(budget);
    this.clock = clock;
    this.paths = new Paths(settings.rootUrl(), metadataHeaders);
    this.inFlight = new InFlight(profile.limits());
    this.replies =
        new Replies(
            new Decoder(vertx, maxResponseBytes),
            budget,
            arrivals,
            traffic,
            quota,
            tokens,
            inFlight,
            clock);
    this.caller =
        new Caller(
            vertx,
            http,
            settings,
            quota,
            tokens,
            traffic,
            inFlight,
            arrivals,
            new Breaker(vertx, "Gmail", settings.breaker(), true, clock, System::nanoTime),
            maxResponseBytes);
  }

  /** The mailbox's address and cursor. */
  public Future<MailboxProfile> profile(long user) {
    return page(user, prices.profile(), paths.profile(), Pages::profile);
  }

  /**
   * A page of message ids.
   *
   * @param maxResults 1 to 500
   * @param pageToken of the page before; null for the first
   * @param q a search; null for none (the metadata scope allows none)
   * @param labelIds labels that the messages must all have; may be empty
   */
  public Future<IdPage> list(
      long user,
      int maxResults,
      String pageToken,
      boolean includeSpamTrash,
      String q,
      List<String> labelIds) {
    String path = paths.list(maxResults, pageToken, includeSpamTrash, q, labelIds);
    return page(user, prices.list(), path, Pages::ids);
  }

  /**
   * A page of changes since a cursor.
   *
   * @param pageToken of the page before; null for the first
   * @param maxResults 1 to 500
   * @return fails with {@link GoogleFailure.NotFound} if the cursor is too old: the mailbox must be
   *     listed anew
   */
  public Future<HistoryPage> history(
      long user, String startHistoryId, String pageToken, int maxResults) {
    String path = paths.history(startHistoryId, pageToken, maxResults);
    return page(user, prices.history(), path, HistoryPages::read);
  }

  /**
   * Has a Pub/Sub topic told of every change to a mailbox, anew or for longer.
   *
   * @param topic {@code projects/…/topics/…}
   */
  public Future<Watch> watch(long user, String topic) {
    Caller.Outgoing order =
        new Caller.Outgoing(
            paths.watch(), new JsonObject().put("topicName", topic).toBuffer(), "application/json");
    return on(() -> single(user, Prices.WATCH, order, Pages::watch, page -> 0L, new CallScope()));
  }

  /** Tells no topic of the mailbox any more; given up, and broken off, after a while. */
  public Future<Void> stop(long user, Duration patience) {
    CallScope scope = new CallScope();
    Caller.Outgoing order =
        new Caller.Outgoing(paths.stop(), new JsonObject().toBuffer(), "application/json");
    return on(
        () ->
            single(user, Prices.STOP, order, bytes -> true, done -> 0L, scope)
                .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(e -> scope.cancel())
                .mapEmpty());
  }

  /** The ids of all labels of a mailbox, Gmail's own and the user's. */
  public Future<List<String>> labels(long user) {
    return page(user, Prices.LABELS, paths.labels(), Pages::labelIds);
  }

  /**
   * A whole thread, at the price of about two messages. Its messages have to be released one by
   * one.
   */
  public Future<ThreadData> thread(long user, String threadId, MessageFormat format) {
    return thread(user, threadId, format, new CallScope());
  }

  Future<ThreadData> thread(long user, String threadId, MessageFormat format, CallScope scope) {
    return on(() ->
            single(
                user,
                prices.thread(),
                Caller.Outgoing.get(paths.thread(threadId, format)),
                bytes -> Pages.thread(bytes, threadId, format),
                thread -> thread.messages().stream().mapToLong(MessageData::heldBytes).sum(),
                scope))
        .onSuccess(thread -> arrived(user, thread));
  }

  private void arrived(long user, ThreadData thread) {
    if (!thread.messages().isEmpty()) {
      traffic.messageArrived(user);
    }
  }

  /** Plans what is cheapest at this client's prices; where units are free, requests count. */
  public FetchPlanner planner() {
    return free ? FetchPlanner.GETS_ALONE : new FetchPlanner(prices);
  }

  /**
   * Fetches the first of the messages given: as many as quota and the user's requests in flight
   * allow now, at least one, in one request.
   *
   * @param ids at least one; of more than 50 the rest is left alone
   * @return fails if nothing was sent; a request that was sent and failed is a result in which all
   *     parts failed
   */
  public Future<FetchResult> fetch(long user, List<String> ids, MessageFormat format) {
    return fetch(user, ids, format, new CallScope());
  }

  Future<FetchResult> fetch(long user, List<String> ids, MessageFormat format, CallScope scope) {
    int want = batches ? Math.min(ids.size(), MOST_PARTS) : 1;
    Caller.Call call =
        new Caller.Call(user, want, prices.get(), n -> gets(ids.subList(0, n), format), scope);
    return on(
        () ->
            caller
                .call(call)
                .compose(reply -> fetched(user, ids.subList(0, reply.granted()), format, reply)));
  }

  /**
   * Gives back the bytes of a message that is stored or dropped. To be called once for each, from
   * any thread, and within bounded time even if no further message comes.
   */
  public void release(MessageData message) {
    arrivals.release(message.heldBytes());
  }

  /** Whether Google is spoken to: closed (all is well), half_open (tried), open (left alone). */
  public String breaker() {
    return caller.breaker();
  }

  /** What went to Google and came back, since the start. */
  public Traffic traffic() {
    return traffic;
  }

  /** An attachment's bytes; its held bytes have to be given back. */
  Future<AttachmentData> attachment(long user, String message, String attachment, CallScope scope) {
    return on(
        () ->
            single(
                user,
                prices.attachment(),
                Caller.Outgoing.get(paths.attachment(message, attachment)),
                AttachmentData::read,
                AttachmentData::heldBytes,
                scope));
  }

  void release(AttachmentData attachment) {
    arrivals.release(attachment.heldBytes());
  }

  /** Until when this process leaves Gmail alone, since it failed too often; null if it does not. */
  public Instant leftAloneUntil() {
    return caller.leftAloneUntil();
  }

  /** How many calls of a user this process has at Gmail, and how many it may have. */
  public CallRoom room(long user) {
    return inFlight.room(user);
  }

  /** What a message costs. */
  public int messagePrice() {
    return Math.max(1, prices.get());
  }

  Vertx vertx() {
    return vertx;
  }

  InstantSource clock() {
    return clock;
  }

  private Caller.Outgoing gets(List<String> ids, MessageFormat format) {
    if (ids.size() == 1) {
      return Caller.Outgoing.get(paths.get(ids.get(0), format));
    }
    List<String> gets = ids.stream().map(id -> paths.get(id, format)).toList();
    return new Caller.Outgoing(paths.batch(), BatchRequest.body(gets), BatchRequest.CONTENT_TYPE);
  }

  private Future<FetchResult> fetched(
      long user, List<String> ids, MessageFormat format, Caller.Reply reply) {
    boolean batch = ids.size() > 1;
    int status = reply.answer() == null ? 0 : reply.answer().status();
    if (batch && batches && (status == 404 || status == 405 || status == 501)) {
      batches = false;
      log.warn("{} answers {}: messages are fetched singly from now on", paths.batch(), status);
    }
    return replies
        .read(reply, bytes -> replies.parts(reply, ids, format, bytes), Replies::held)
        .recover(
            e ->
                e instanceof GoogleException g
                    ? Future.succeededFuture(
                        batch
                            ? FetchResult.allFailed(ids, g.failure())
                            : new FetchResult(List.of(PartResult.failed(ids.get(0), g.failure()))))
                    : Future.failedFuture(e))
        .onSuccess(result -> replies.note(user, reply, result));
  }

  private <T> Future<T> page(long user, int price, String path, Function<byte[], T> read) {
    Caller.Outgoing get = Caller.Outgoing.get(path);
    return on(() -> single(user, price, get, read, page -> 0L, new CallScope()));
  }

  private <T> Future<T> single(
      long user,
      int price,
      Caller.Outgoing outgoing,
      Function<byte[], T> read,
      ToLongFunction<T> held,
      CallScope scope) {
    Caller.Call call = new Caller.Call(user, 1, price, n -> outgoing, scope);
    return caller.call(call).compose(reply -> replies.single(user, reply, read, held));
  }

  /** Everything below runs on one context: the caller's, or a new one if it has none. */
  private <T> Future<T> on(Supplier<Future<T>> work) {
    if (Vertx.currentContext() != null) {
      return work.get();
    }
    Promise<T> promise = Promise.promise();
    vertx.getOrCreateContext().runOnContext(v -> work.get().onComplete(promise));
    return promise.future();
  }
}
