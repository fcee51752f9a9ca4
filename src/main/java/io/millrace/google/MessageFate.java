package io.millrace.google;

import io.millrace.google.FetchQueue.Item;
import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.GoogleFailure.TooLarge;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Decides what becomes of a message that could not be fetched: given up, or fetched again, when, in
 * which format, and beside how many others.
 *
 * <p>A message is given up only when others could be fetched since it first failed: as long as
 * nothing can be fetched, it is the service that fails and not the message. Used on one context
 * only.
 */
final class MessageFate {
  /** What a message's failure says of the stream. */
  enum Verdict {
    /** It is getting on: the id is settled, or fetched in a way that will settle it. */
    PROGRESS,
    NOTHING,
    /** It may be the service that fails. */
    DOUBT
  }

  private final MessageStreamSettings settings;
  private final FetchQueue queue;
  private final Backoff backoff;
  private final Consumer<Fetched> deliver;
  private final LongPredicate fetchedSince;

  /**
   * @param deliver takes what is decided
   * @param fetchedSince whether any message of the user was fetched after a nano instant
   */
  MessageFate(
      MessageStreamSettings settings,
      FetchQueue queue,
      Backoff backoff,
      Consumer<Fetched> deliver,
      LongPredicate fetchedSince) {
    this.settings = settings;
    this.queue = queue;
    this.backoff = backoff;
    this.deliver = deliver;
    this.fetchedSince = fetchedSince;
  }

  /**
   * Takes in a failure that is neither of quota nor of the whole mailbox.
   *
   * @param alone whether the message was the only one in its request
   * @param again takes it if it is to be fetched again at once
   */
  Verdict of(Item item, GoogleFailure failure, boolean alone, List<Item> again, long now) {
    if (failure instanceof NotFound) {
      notFound(item, now);
      return Verdict.PROGRESS;
    }
    return failure instanceof TooLarge || failure instanceof BadRequest
        ? lasting(item, failure, alone, again)
        : passing(item, failure, now);
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

  /** Failures that waiting does not mend; which of many messages is the cause shows singly. */
  private Verdict lasting(Item item, GoogleFailure failure, boolean alone, List<Item> again) {
    if (!alone) {
      item.width = 1;
      again.add(item);
      return Verdict.NOTHING;
    }
    if (failure instanceof TooLarge && item.format == MessageFormat.FULL) {
      item.format = MessageFormat.METADATA;
      item.reduced = true;
      again.add(item);
    } else {
      deliver.accept(new Fetched.Failed(item.id, failure, item.failures + 1));
    }
    return Verdict.PROGRESS;
  }

  private Verdict passing(Item item, GoogleFailure failure, long now) {
    boolean othersWork = failed(item, now);
    if (item.failures >= settings.attempts() && othersWork) {
      deliver.accept(new Fetched.Failed(item.id, failure, item.failures));
      return Verdict.NOTHING;
    }
    if (item.failures > 1) {
      item.width = 1;
    }
    queue.later(item, now + backoff.nanos(item.failures));
    return othersWork ? Verdict.NOTHING : Verdict.DOUBT;
  }

  /** Counts a failure; gives whether others could be fetched since the first one. */
  boolean failed(Item item, long now) {
    if (item.failures++ == 0) {
      item.firstFailure = now;
    }
    return fetchedSince.test(item.firstFailure);
  }
}
