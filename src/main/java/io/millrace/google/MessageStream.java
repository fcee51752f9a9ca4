package io.millrace.google;

import io.millrace.google.FetchQueue.Item;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Fetches a set of messages, by themselves or with their threads: emits exactly one {@link Fetched}
 * for each distinct id, in any order, with them whatever else the threads brought, and then ends.
 *
 * <p>Requests are started only while there is demand, so nothing is fetched that is not wanted. If
 * the stream cannot go on, what is in flight is emitted still, and then the exception handler is
 * called, once and instead of the end handler: with {@link io.millrace.limit.Wait} when units are
 * far off or Google is left alone, with {@link GoogleException} when the mailbox or the service as
 * a whole fails. The ids that were not emitted are then as they were.
 *
 * <p>To be made and used on one context. Whoever receives a message has to {@linkplain
 * GmailClient#release release} it.
 */
public final class MessageStream implements ReadStream<Fetched> {
  private final GmailClient client;
  private final long user;
  private final MessageStreamSettings settings;
  private final Vertx vertx;
  private final Context context;
  private final CallScope scope = new CallScope();
  private final FetchQueue queue;
  private final FetchPolicy policy;
  private final Flights flights = new Flights();
  private final Deque<Fetched> out = new ArrayDeque<>();

  private Handler<Fetched> handler;
  private Handler<Void> endHandler;
  private Handler<Throwable> exceptionHandler;
  private long demand = Long.MAX_VALUE;
  private boolean probing;
  private boolean turning;
  private boolean turnAgain;
  private boolean closed;
  private Throwable broken;
  private long timer = -1;

  public MessageStream(
      GmailClient client,
      long user,
      Collection<String> ids,
      MessageFormat format,
      MessageStreamSettings settings) {
    this(client, user, ids, format, settings, new SplittableRandom());
  }

  /** Fetches each message by itself, with a source for the jitter of waits. */
  public MessageStream(
      GmailClient client,
      long user,
      Collection<String> ids,
      MessageFormat format,
      MessageStreamSettings settings,
      RandomGenerator random) {
    this(client, user, FetchPlan.singly(ids), format, settings, random);
  }

  /**
   * Fetches as planned.
   *
   * @param random for the jitter of waits; used on this stream's context only
   */
  public MessageStream(
      GmailClient client,
      long user,
      FetchPlan plan,
      MessageFormat format,
      MessageStreamSettings settings,
      RandomGenerator random) {
    this.client = client;
    this.user = user;
    this.settings = settings;
    this.vertx = client.vertx();
    this.context = vertx.getOrCreateContext();
    this.queue = new FetchQueue(plan, format, settings.batchParts());
    this.policy =
        new FetchPolicy(
            settings,
            queue,
            new Backoff(settings, random),
            out::add,
            nanos -> client.traffic().messageSince(user, nanos),
            client.clock());
  }

  @Override
  public MessageStream handler(Handler<Fetched> handler) {
    this.handler = handler;
    if (handler != null) {
      // Later, so that the other handlers are set by then.
      context.runOnContext(v -> turn());
    }
    return this;
  }

  @Override
  public MessageStream endHandler(Handler<Void> handler) {
    endHandler = handler;
    return this;
  }

  @Override
  public MessageStream exceptionHandler(Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }

  @Override
  public MessageStream pause() {
    demand = 0;
    return this;
  }

  @Override
  public MessageStream resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public MessageStream fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount " + amount);
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    turn();
    return this;
  }

  /** Breaks off: requests in flight are reset and no handler is called any more. */
  public void cancel() {
    if (closed) {
      return;
    }
    closed = true;
    stopTimer();
    scope.cancel();
    out.forEach(this::drop);
    out.clear();
  }

  /**
   * Does whatever can be done now. Entered again from within (a handler asks for more, a request
   * fails at once) it goes round once more instead of deeper.
   */
  private void turn() {
    if (turning) {
      turnAgain = true;
      return;
    }
    turning = true;
    try {
      do {
        turnAgain = false;
        emit();
        start();
      } while (turnAgain);
      settle();
    } finally {
      turning = false;
    }
  }

  private void emit() {
    while (!closed && demand > 0 && handler != null && !out.isEmpty()) {
      if (demand != Long.MAX_VALUE) {
        demand--;
      }
      Fetched next = out.poll();
      try {
        handler.handle(next);
      } catch (RuntimeException e) {
        broken = broken == null ? e : broken;
      }
    }
  }

  private void start() {
    stopTimer();
    while (mayStart()) {
      if (policy.doubtful()) {
        if (flights.none()) {
          probe();
        }
        return;
      }
      long now = System.nanoTime();
      long hold = policy.hold(now);
      List<Item> items = hold > 0 ? List.of() : queue.next(settings.batchParts(), now);
      if (items.isEmpty()) {
        wakeIn(Math.max(hold, queue.idle(now)));
        return;
      }
      send(items, now);
    }
  }

  private boolean mayStart() {
    return !closed
        && !probing
        && end() == null
        && handler != null
        && room()
        && demand > (long) out.size() + flights.ids()
        && !queue.isEmpty();
  }

  /** A thread counts for as much as one message of a batch, here as at Google. */
  private boolean room() {
    return queue.threadNext()
        ? flights.threads() < policy.threads()
        : flights.gets() < settings.maxRequests();
  }

  private void send(List<Item> items, long started) {
    Item first = items.get(0);
    flights.began(items);
    if (first.thread) {
      Consumer<ThreadData> use = t -> policy.threadAnswered(first, t, System.nanoTime());
      client
          .thread(user, first.id, first.format, scope)
          .onComplete(r -> ended(items, r, started, use, this::drop));
    } else {
      client
          .fetch(user, Flights.ids(items), first.format, scope)
          .onComplete(r -> ended(items, r, started, f -> answered(items, f, started), this::drop));
    }
  }

  private <T> void ended(
      List<Item> items, AsyncResult<T> result, long started, Consumer<T> use, Consumer<T> drop) {
    flights.ended(items);
    if (!closed && result.succeeded()) {
      use.accept(result.result());
    } else if (!closed) {
      policy.requestFailed(items, result.cause(), started, System.nanoTime());
    } else if (result.succeeded()) {
      drop.accept(result.result());
    }
    turn();
  }

  private void answered(List<Item> items, FetchResult result, long started) {
    List<PartResult> parts = result.parts();
    // What was not granted comes first the next time.
    queue.putBack(items.subList(parts.size(), items.size()));
    List<Item> fetched = items.subList(0, parts.size());
    long now = System.nanoTime();
    if (parts.get(0).requestWide()) {
      policy.requestFailed(fetched, new GoogleException(parts.get(0).failure()), started, now);
    } else {
      policy.answered(fetched, parts, started, now);
    }
  }

  /**
   * Nothing works any more. Whether that is so for all messages or only for those that are left is
   * found out by fetching some that are not among them.
   */
  private void probe() {
    probing = true;
    Probe.othersCome(client, user, scope, queue::holds)
        .onComplete(
            result -> {
              probing = false;
              if (result.succeeded() && result.result()) {
                policy.reassured();
              } else if (result.failed() && !(result.cause() instanceof GoogleException)) {
                broken = result.cause();
              } else {
                broken = policy.lastFailure();
              }
              turn();
            });
  }

  private void settle() {
    if (closed || !flights.none() || probing || !out.isEmpty() || handler == null) {
      return;
    }
    if (end() != null) {
      closed = true;
      stopTimer();
      if (exceptionHandler != null) {
        exceptionHandler.handle(end());
      }
    } else if (queue.isEmpty()) {
      closed = true;
      if (endHandler != null) {
        endHandler.handle(null);
      }
    }
  }

  private Throwable end() {
    return broken != null ? broken : policy.end();
  }

  private void wakeIn(long nanos) {
    if (nanos != Long.MAX_VALUE) {
      timer = vertx.setTimer(Math.max(1, nanos / 1_000_000 + 1), id -> turn());
    }
  }

  private void stopTimer() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private void drop(FetchResult result) {
    result.parts().stream()
        .filter(part -> part.data() != null)
        .forEach(part -> client.release(part.data()));
  }

  private void drop(ThreadData thread) {
    thread.messages().forEach(client::release);
  }

  private void drop(Fetched fetched) {
    if (fetched instanceof Fetched.Message message) {
      client.release(message.data());
    }
  }
}
