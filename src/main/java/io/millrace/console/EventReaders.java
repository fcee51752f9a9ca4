package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The open event streams: at most so many, and none that is slower than what it is sent. Belongs to
 * one event loop.
 */
final class EventReaders {
  private static final Buffer HEARTBEAT = Buffer.buffer(": still here\n\n");

  private final Set<EventReader> readers = new LinkedHashSet<>();
  private final int most;

  EventReaders(int most) {
    this.most = most;
  }

  boolean full() {
    return readers.size() >= most;
  }

  boolean none() {
    return readers.isEmpty();
  }

  int count() {
    return readers.size();
  }

  /** Begins a stream on this response. */
  EventReader add(HttpServerResponse response) {
    EventReader reader = new EventReader(response);
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

  void heartbeat() {
    each(reader -> send(reader, HEARTBEAT));
  }

  void close() {
    List<EventReader> all = new ArrayList<>(readers);
    readers.clear();
    all.forEach(EventReader::end);
  }
}
