package io.millrace.google;

import io.millrace.google.FetchQueue.Item;
import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.GoogleFailure.TooConcurrent;
import io.millrace.google.GoogleFailure.TooLarge;
import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.QuotaWait;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Decides what becomes of ids after each answer: delivered, given up, or to be fetched again, when
 * and in how large a request; and when the stream as a whole has to end.
 *
 * <p>A message is given up only when others could be fetched since it first failed: as long as
 * nothing can be fetched, it is the service that fails and not the message. Sends nothing, sets no
 * timer, reads no nano clock. Used on one context only.
 */
final class FetchPolicy {
  private static final int THREAD_ATTEMPTS = 2;

  /** The longest wait for units that is sat out, in waits after a first failure. */
  private static final int LONGEST_BASES = 2;

  private static final Duration FAR = Duration.ofDays(1);

  private final MessageStreamSettings settings;
  private final FetchQueue queue;
  private final Backoff backoff;
  private final Consumer<Fetched> deliver;
  private final LongPredicate fetchedSince;
  private final InstantSource clock;

  /** Messages in one request: halved when Google finds too many in flight, then slowly back. */
  private int width;

  private int fruitless;
  private long lastFruitless;
  private int refused;
  private long lastRefused;
  private long holdUntil;
  private boolean held;
  private boolean served;
  private long lastServed;
  private boolean contended;
  private Throwable end;
  private GoogleFailure last;

  /**
   * @param deliver takes what is decided
   * @param fetchedSince whether any message of the user was fetched after a nano instant
   */
  FetchPolicy(
      MessageStreamSettings settings,
      FetchQueue queue,
      Backoff backoff,
      Consumer<Fetched> deliver,
      LongPredicate fetchedSince,
      InstantSource clock) {
    this.settings = settings;
    this.queue = queue;
    this.backoff = backoff;
    this.deliver = deliver;
    this.fetchedSince = fetchedSince;
    this.clock = clock;
    this.width = Math.max(1, settings.batchParts());
  }

  int width() {
    return width;
  }

  /**
   * Threads in flight at the most: as many as parts of a batch would be, until they are seen to
   * keep each other from units; then no more than requests, since each asks for its own.
   */
  int threads() {
    return contended ? Math.min(width, settings.maxRequests()) : width;
  }

  /** Nanoseconds for which no request should be started. */
  long hold(long now) {
    return held && holdUntil - now > 0 ? holdUntil - now : 0;
  }

  /** Why the stream has to end before all ids are settled; null if it need not. */
  Throwable end() {
    return end;
  }

  /** Whether nothing has worked for so long that it has to be found out why. */
  boolean doubtful() {
    return fruitless >= settings.attempts();
  }

  /** The last failure seen, for the stream's own. */
  GoogleException lastFailure() {
    return new GoogleException(last);
  }

  /** Something else could be fetched: it is the messages that fail, not the service. */
  void reassured() {
    fruitless = 0;
  }

  /** A request failed as a whole, or could not be made: that says nothing about its ids. */
  void requestFailed(List<Item> items, Throwable cause, long started, long now) {
    if (!(cause instanceof GoogleException g)) {
      queue.putBack(items);
      if (cause instanceof QuotaWait wait && outrun(wait, started)) {
        contended = true;
        hold(nanosUntil(wait), now);
      } else {
        endWith(cause);
      }
      return;
    }
    GoogleFailure failure = g.failure();
    last = failure;
    if (items.get(0).thread && !failure.quota() && !failure.shutsOut()) {
      threadFailed(items.get(0), failure, started, now);
      return;
    }
    queue.putBack(items);
    if (failure.shutsOut()) {
      endWith(g);
    } else if (failure.quota()) {
      refused(failure, started, now);
    } else if (failure instanceof TooLarge || failure instanceof BadRequest) {
      // Which of them is the cause shows when they come singly.
      items.forEach(item -> item.width = 1);
    } else {
      int half = Math.max(1, items.size() / 2);
      items.forEach(item -> item.width = Math.min(item.width, half));
      fruitless(started, now);
      hold(backoff.nanos(fruitless), now);
    }
  }

  /**
   * Whether there were units meanwhile and this stream's own requests had them: then it is getting
   * on, and who yields would only wait for what it has already. A wait that is long by itself is
   * for the job to sit out.
   */
  private boolean outrun(QuotaWait wait, long started) {
    return served && lastServed - started > 0 && nanosUntil(wait) <= LONGEST_BASES * backoff.base();
  }

  private long nanosUntil(QuotaWait wait) {
    Duration left = Duration.between(clock.instant(), wait.until());
    return Math.max(0, left.compareTo(FAR) < 0 ? left.toNanos() : FAR.toNanos());
  }

  private void served(long now) {
    served = true;
    lastServed = now;
  }

  /** A thread has come: what of it was not wanted comes along, what is missing comes singly. */
  void threadAnswered(Item item, ThreadData thread, long now) {
    served(now);
    Set<String> missing = new LinkedHashSet<>(item.ids);
    for (MessageData data : thread.messages()) {
      boolean asked = missing.remove(data.id()) || queue.settle(data.id());
      deliver.accept(new Fetched.Message(data, asked));
    }
    fruitless = 0;
    refused = 0;
    grow(null, 1);
    if (!missing.isEmpty()) {
      takeApart(item, missing);
    }
  }

  /**
   * Another try for what may pass, since the messages singly cost as much or more; then, and for
   * all else, they come singly: it may be one of them that spoils the answer, or all of them
   * together that are too large.
   */
  private void threadFailed(Item item, GoogleFailure failure, long started, long now) {
    boolean passing = failure instanceof Unavailable || failure instanceof Malformed;
    if (item.failures++ == 0) {
      item.firstFailure = now;
    }
    boolean othersWork = fetchedSince.test(item.firstFailure);
    if (passing && item.failures < (othersWork ? THREAD_ATTEMPTS : settings.attempts())) {
      if (!othersWork) {
        fruitless(started, now);
        hold(backoff.nanos(fruitless), now);
      }
      queue.later(item, now + backoff.nanos(item.failures));
    } else {
      takeApart(item, item.ids);
    }
  }

  private void takeApart(Item item, Collection<String> ids) {
    deliver.accept(new Fetched.Unthreaded(item.id));
    queue.putSingly(List.copyOf(ids), item.format);
  }

  /** A request was answered: every item has its own part. */
  void answered(List<Item> items, List<PartResult> parts, long started, long now) {
    served(now);
    boolean single = items.size() == 1;
    boolean progress = false;
    boolean doubt = false;
    GoogleFailure refusal = null;
    List<Item> again = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      PartResult part = parts.get(i);
      GoogleFailure failure = part.failure();
      if (failure == null) {
        MessageData data = part.data();
        deliver.accept(new Fetched.Message(item.reduced ? data.withBodyOmitted() : data, true));
        progress = true;
        continue;
      }
      last = failure;
      if (failure.quota()) {
        refusal = refusal instanceof TooConcurrent ? refusal : failure;
        again.add(item);
      } else if (failure instanceof NotFound) {
        notFound(item, now);
        progress = true;
      } else if (failure instanceof BadRequest
          || failure instanceof TooLarge
          || failure.shutsOut()) {
        progress |= settled(item, failure, single, again);
      } else {
        doubt |= failed(item, failure, now);
      }
    }
    queue.putBack(again);
    if (progress) {
      fruitless = 0;
      refused = 0;
      grow(refusal, items.size());
    } else if (doubt) {
      fruitless(started, now);
      if (fruitless > 1 || !single) {
        hold(backoff.nanos(fruitless), now);
      }
    }
    if (refusal != null) {
      refused(refusal, started, now);
    }
  }

  private void notFound(Item item, long now) {
    if (item.missed || settings.recheck().isZero()) {
      deliver.accept(new Fetched.Gone(item.id));
      return;
    }
    // A message that was just delivered can be invisible for some seconds.
    item.missed = true;
    item.width = 1;
    queue.later(item, now + Backoff.scaled(settings.recheck().toNanos(), settings));
  }

  /** Failures that waiting does not mend. Gives whether the id is settled by it. */
  private boolean settled(Item item, GoogleFailure failure, boolean single, List<Item> again) {
    if (!single) {
      item.width = 1;
      again.add(item);
      return false;
    }
    if (failure.shutsOut()) {
      again.add(item);
      endWith(new GoogleException(failure));
      return false;
    }
    if (failure instanceof TooLarge && item.format == MessageFormat.FULL) {
      item.format = MessageFormat.METADATA;
      item.reduced = true;
      again.add(item);
      return true;
    }
    deliver.accept(new Fetched.Failed(item.id, failure, item.failures + 1));
    return true;
  }

  /** Failures that may pass. Gives whether it may be the service's rather than the message's. */
  private boolean failed(Item item, GoogleFailure failure, long now) {
    if (item.failures++ == 0) {
      item.firstFailure = now;
    }
    boolean othersWork = fetchedSince.test(item.firstFailure);
    if (item.failures >= settings.attempts() && othersWork) {
      deliver.accept(new Fetched.Failed(item.id, failure, item.failures));
      return false;
    }
    if (item.failures > 1) {
      item.width = 1;
    }
    queue.later(item, now + backoff.nanos(item.failures));
    return !othersWork;
  }

  private void fruitless(long started, long now) {
    // Requests that were in flight together fail together: that counts once.
    if (fruitless == 0 || started - lastFruitless >= 0) {
      fruitless++;
      lastFruitless = now;
    }
  }

  private void refused(GoogleFailure refusal, long started, long now) {
    if (refused == 0 || started - lastRefused >= 0) {
      refused++;
      lastRefused = now;
    }
    if (refusal instanceof TooConcurrent) {
      width = Math.max(1, width / 2);
    }
    if (refused >= settings.attempts()) {
      Duration wait = Duration.ofNanos(backoff.cap());
      endWith(new QuotaWait(clock.instant().plus(wait), refusal.sentence()));
    } else {
      hold(backoff.nanos(refused), now);
    }
  }

  private void grow(GoogleFailure refusal, int size) {
    if (refusal == null && size >= width && width < settings.batchParts()) {
      width++;
    }
  }

  private void hold(long nanos, long now) {
    if (!held || now + nanos - holdUntil > 0) {
      holdUntil = now + nanos;
      held = true;
    }
  }

  private void endWith(Throwable cause) {
    if (end == null) {
      end = cause;
    }
  }
}
