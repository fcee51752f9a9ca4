package io.millrace.console;

import io.millrace.store.Notices;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what became of pushes, and tells the log of the first of a bad kind and of every power of
 * two after it: strangers must not be able to fill a disk. Thread-safe.
 */
public final class PushCounts {
  private static final Logger log = LoggerFactory.getLogger(PushCounts.class);

  /** What becomes of a push. */
  public enum Fate {
    /** It told something new. */
    TAKEN(204, null),
    /** All of it was known. */
    OLD(204, null),
    /** Its mailbox has to be connected again before anything can be fetched. */
    SHUT(204, null),
    /** It tells of a mailbox that is not connected. */
    UNKNOWN(204, "tells of a mailbox that is not connected"),
    /** It is from our subscription and makes no sense. */
    MALFORMED(204, "makes no sense; does anybody else publish to the topic?"),
    /** Without a good token. */
    UNAUTHENTICATED(401, "has no good token of Google's"),
    /** With a token for another audience, or in another account's name. */
    FORBIDDEN(403, "is not from the subscription: check push.audience and push.serviceAccount"),
    /** It could not be taken now; Pub/Sub sends it again. */
    PUT_OFF(503, "cannot be taken now and will come again");

    private final int status;
    private final String bad;

    Fate(int status, String bad) {
      this.status = status;
      this.bad = bad;
    }

    int status() {
      return status;
    }

    static Fate of(Notices.Kind kind) {
      return switch (kind) {
        case NEW -> TAKEN;
        case OLD -> OLD;
        case SHUT -> SHUT;
        case UNKNOWN -> UNKNOWN;
      };
    }
  }

  private final Map<Fate, LongAdder> counts = new EnumMap<>(Fate.class);

  PushCounts() {
    for (Fate fate : Fate.values()) {
      counts.put(fate, new LongAdder());
    }
  }

  void add(Fate fate, String detail) {
    LongAdder count = counts.get(fate);
    count.increment();
    long now = count.sum();
    if (fate.bad != null && Long.bitCount(now) == 1) {
      log.warn(
          "a push {}{}; {} such so far",
          fate.bad,
          detail.isEmpty() ? "" : " (" + detail + ")",
          now);
    }
  }

  Map<Fate, Long> now() {
    Map<Fate, Long> now = new EnumMap<>(Fate.class);
    counts.forEach((fate, count) -> now.put(fate, count.sum()));
    return now;
  }
}
