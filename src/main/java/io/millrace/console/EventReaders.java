package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The open event streams: at most so many of all and of each caller, some kept for those who look
 * after the whole, none that is slower than what it is sent, and none that outlives the right to it
 * for long: who reads is asked who they are again whenever a stream ends. Belongs to one event
 * loop.
 */
final class EventReaders {
  /** Streams of one caller; who has no name is not counted. */
  static final int OF_ONE = 10;

  /** Streams that end users leave free. */
  static final int FOR_STAFF = 20;

  private static final long LIFE_NS = Duration.ofMinutes(10).toNanos();

  /** Whoever connects a mailbox is to hear of it soon. */
  private static final long NOBODYS_LIFE_NS = Duration.ofSeconds(30).toNanos();

  private static final Buffer HEARTBEAT = Buffer.buffer(": still here\n\n");

  private final Set<EventReader> readers = new LinkedHashSet<>();
  private final int most;
  private final LongSupplier nanos;

  EventReaders(int most, LongSupplier nanos) {
    this.most = most;
    this.nanos = nanos;
  }

  /** Why this caller cannot have another stream now, in a sentence; null if they can. */
  String refusal(Caller caller) {
    long own = readers.stream().filter(reader -> reader.isOf(caller)).count();
    if (own >= OF_ONE && !caller.equals(Caller.LOCAL)) {
      return "You have %d streams open; close one or try later.".formatted(own);
    }
    return readers.size() >= (caller.endUser() ? most - FOR_STAFF : most)
        ? "Too many streams are open; close one or try later."
        : null;
  }

  boolean none() {
    return readers.isEmpty();
  }

  /** Begins a stream on this response. */
  EventReader add(HttpServerResponse response, Caller caller) {
    boolean nobody = caller.endUser() && caller.user() == Caller.NOBODY;
    long life = nobody ? NOBODYS_LIFE_NS : LIFE_NS;
    EventReader reader = new EventReader(response, caller, nanos.getAsLong() + life);
    readers.add(reader);
    response.closeHandler(v -> readers.remove(reader));
    response.exceptionHandler(e -> readers.remove(reader));
    return reader;
  }

  /** Does this for each, who may be dropped by it. */
  void each(Consumer<EventReader> action) {
    List.copyOf(readers).forEach(action);
  }

  /** Sends one event, or drops a reader who has not read the earlier ones. */
  void send(EventReader reader, Buffer event) {
    if (!reader.write(event)) {
      readers.remove(reader);
      reader.drop();
    }
  }

  /** Shows that each is alive, or ends it if its time is over. */
  void heartbeat() {
    long now = nanos.getAsLong();
    each(
        reader -> {
          if (reader.over(now)) {
            end(reader);
          } else {
            send(reader, HEARTBEAT);
          }
        });
  }

  /** Ends the streams that were opened in a session. */
  void ended(String session) {
    each(
        reader -> {
          if (reader.in(session)) {
            end(reader);
          }
        });
  }

  private void end(EventReader reader) {
    readers.remove(reader);
    reader.end();
  }

  void close() {
    new ArrayList<>(readers).forEach(this::end);
  }
}
