package io.millrace.console;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every reader up to date from one read of the database for all of them. Belongs to one event
 * loop.
 *
 * <p>Each reader begins with a {@code snapshot}, so nothing has to be kept for those who come back;
 * then it hears of changes ({@code state}), or that there is no telling ({@code stale}). Word of a
 * commit only brings the next read forward. A read waits at least ten times as long as the last one
 * took, so that watching never costs the database more than a tenth of one connection; without
 * readers there are no reads.
 */
final class LiveEvents {
  private static final Logger log = LoggerFactory.getLogger(LiveEvents.class);
  private static final int REST = 10;
  private static final long NONE = -1;

  private static final String LAST_KNOWN =
      "The database does not answer; these are the last known figures.";
  private static final String UNKNOWN =
      "The database does not answer, and no figures are known yet.";

  private final Vertx vertx;
  private final Figures figures;
  private final Running running;
  private final ConsoleLimits limits;
  private final LongSupplier nanos;
  private final EventReaders readers;
  private final long heartbeat;
  private Snapshot last;
  private Buffer greeting;
  private long sequence;
  private boolean reading;
  private boolean changed;
  private boolean closed;
  private long timer = NONE;
  private long due;
  private long earliest;

  LiveEvents(
      Vertx vertx, Figures figures, Running running, ConsoleLimits limits, LongSupplier nanos) {
    this.vertx = vertx;
    this.figures = figures;
    this.running = running;
    this.limits = limits;
    this.nanos = nanos;
    this.readers = new EventReaders(limits.readers());
    this.heartbeat = vertx.setPeriodic(limits.heartbeatMs(), id -> readers.heartbeat());
    this.earliest = nanos.getAsLong();
  }

  /** Begins a stream; returns false if there are too many. */
  boolean join(HttpServerResponse response) {
    if (readers.full()) {
      return false;
    }
    boolean current = last != null && !readers.none();
    EventReader reader = readers.add(response);
    if (current) {
      greet(reader);
    }
    changed();
    return true;
  }

  /** Something was committed. */
  void changed() {
    if (reading) {
      changed = true;
    } else {
      schedule(0);
    }
  }

  void close() {
    closed = true;
    vertx.cancelTimer(heartbeat);
    vertx.cancelTimer(timer);
    readers.close();
  }

  private void schedule(long waitMs) {
    if (closed || readers.none()) {
      return;
    }
    long now = nanos.getAsLong();
    long wanted = now + Math.max(TimeUnit.MILLISECONDS.toNanos(waitMs), earliest - now);
    if (timer != NONE) {
      if (due - wanted <= 0) {
        return;
      }
      vertx.cancelTimer(timer);
    }
    due = wanted;
    timer =
        vertx.setTimer(
            Math.max(1, TimeUnit.NANOSECONDS.toMillis(wanted - now)),
            id -> {
              timer = NONE;
              read();
            });
  }

  private void read() {
    if (closed || readers.none()) {
      return;
    }
    reading = true;
    changed = false;
    long began = nanos.getAsLong();
    figures
        .read()
        .onComplete(
            answer -> {
              reading = false;
              long ended = nanos.getAsLong();
              earliest =
                  ended
                      + Math.max(
                          TimeUnit.MILLISECONDS.toNanos(limits.tickMs()), REST * (ended - began));
              if (answer.succeeded()) {
                tell(answer.result());
              } else {
                warn(answer.cause());
              }
              schedule(changed ? 0 : limits.idleMs());
            });
  }

  private void tell(Snapshot now) {
    Snapshot before = last;
    last = now;
    greeting = null;
    boolean news = before != null && now.differsFrom(before);
    Buffer state = before == null ? null : event("state", now.since(before));
    readers.each(
        reader -> {
          if (!reader.greeted) {
            greet(reader);
          } else if (news || reader.warned) {
            reader.warned = false;
            readers.send(reader, state);
          }
        });
  }

  private void warn(Throwable cause) {
    log.debug("the console cannot read the figures: {}", cause.getMessage());
    String sentence = last == null ? UNKNOWN : LAST_KNOWN;
    Buffer stale = event("stale", new JsonObject().put("sentence", sentence));
    readers.each(
        reader -> {
          if (!reader.greeted && last != null) {
            greet(reader);
          }
          if (!reader.warned) {
            reader.warned = true;
            readers.send(reader, stale);
          }
        });
  }

  private void greet(EventReader reader) {
    reader.greeted = true;
    reader.warned = false;
    if (greeting == null) {
      greeting = event("snapshot", last.json(running));
    }
    readers.send(reader, greeting);
  }

  private Buffer event(String name, JsonObject data) {
    return Buffer.buffer(
        "id: %d\nevent: %s\ndata: %s\n\n".formatted(++sequence, name, data.encode()));
  }
}
