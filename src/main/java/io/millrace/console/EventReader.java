package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** One open stream of server-sent events. Belongs to one event loop. */
final class EventReader {
  /** Holds a whole snapshot, so that only a reader who does not read is ever full. */
  static final int QUEUE_BYTES = 128 * 1024;

  /** How long a browser waits before it connects again. */
  private static final String HEAD = "retry: 2000\n\n";

  private final HttpServerResponse response;

  /** Who may hear of all mailboxes. */
  static final long EVERYBODY = -1;

  /** The user of whose mailbox alone it may hear. */
  long only = EVERYBODY;

  /** Whether it has had a snapshot to which changes can be applied. */
  boolean greeted;

  /** Whether it was told that the database does not answer. */
  boolean warned;

  EventReader(HttpServerResponse response) {
    this.response = response;
    response.setWriteQueueMaxSize(QUEUE_BYTES);
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        .write(HEAD);
  }

  /** Returns false if this reader is gone, or so slow that it must go. */
  boolean write(Buffer event) {
    if (response.closed() || response.ended() || response.writeQueueFull()) {
      return false;
    }
    response.write(event);
    return true;
  }

  /** Cuts it off: what is queued for it would never be read. */
  void drop() {
    if (!response.closed()) {
      response.reset();
    }
  }

  void end() {
    if (!response.closed() && !response.ended()) {
      response.end();
    }
  }
}
