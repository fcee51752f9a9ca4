package io.millrace.google;

import io.millrace.google.FetchQueue.Item;
import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.Malformed;
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
 * Decides after each answer what is delivered and what is fetched again, when the stream has to
 * hold back, and when it has to end as a whole.
 *
 * <p>How many calls may be in flight is no matter of a stream's: {@link InFlight} learns it for the
 * user, and each request gets as many parts as are free. Sends nothing, sets no timer, reads no
 * nano clock. Used on one context only.
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
  private final MessageFate fate;
  private final InstantSource clock;
  private final Streak fruitless = new Streak();
  private final Streak refused = new Streak();
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
    this.fate = new MessageFate(settings, queue, backoff, deliver, fetchedSince);
    this.clock = clock;
  }

  /**
   * Threads in flight at the most: as many as parts of a batch would be, until they are seen to
   * keep each other from units; then no more than requests, since each asks for its own.
   */
  int threads() {
    return contended
        ? Math.min(settings.batchParts(), settings.maxRequests())
        : settings.batchParts();
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
    return fruitless.length() >= settings.attempts();
  }

  /** The last failure seen, for the stream's own. */
  GoogleException lastFailure() {
    return new GoogleException(last);
  }

  /** Something else could be fetched: it is the messages that fail, not the service. */
  void reassured() {
    fruitless.end();
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
      fruitless.add(started, now);
      hold(backoff.nanos(fruitless.length()), now);
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
    fruitless.end();
    refused.end();
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
    boolean othersWork = fate.failed(item, now);
    if (passing && item.failures < (othersWork ? THREAD_ATTEMPTS : settings.attempts())) {
      if (!othersWork) {
        fruitless.add(started, now);
        hold(backoff.nanos(fruitless.length()), now);
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
        refusal = failure;
        again.add(item);
      } else if (failure.shutsOut()) {
        again.add(item);
        shutOut(item, failure, single);
      } else {
        MessageFate.Verdict verdict = fate.of(item, failure, single, again, now);
        progress |= verdict == MessageFate.Verdict.PROGRESS;
        doubt |= verdict == MessageFate.Verdict.DOUBT;
      }
    }
    queue.putBack(again);
    if (progress) {
      fruitless.end();
      refused.end();
    } else if (doubt) {
      fruitless.add(started, now);
      if (fruitless.length() > 1 || !single) {
        hold(backoff.nanos(fruitless.length()), now);
      }
    }
    if (refusal != null) {
      refused(refusal, started, now);
    }
  }

  /** It is said of the mailbox once a message that was asked for alone is answered so. */
  private void shutOut(Item item, GoogleFailure failure, boolean single) {
    if (single) {
      endWith(new GoogleException(failure));
    } else {
      item.width = 1;
    }
  }

  private void refused(GoogleFailure refusal, long started, long now) {
    refused.add(started, now);
    if (refused.length() >= settings.attempts()) {
      Duration wait = Duration.ofNanos(backoff.cap());
      endWith(new QuotaWait(clock.instant().plus(wait), refusal.sentence()));
    } else {
      hold(backoff.nanos(refused.length()), now);
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
