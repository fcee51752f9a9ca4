package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** One open stream of server-sent events, and whose it is. Belongs to one event loop. */
final class EventReader {
  /** Much more than is ever sent at once, so that only a reader who does not read is ever full. */
  static final int QUEUE_BYTES = 128 * 1024;

  /** How long a browser waits before it connects again. */
  private static final String HEAD = "retry: 2000\n\n";

  private final HttpServerResponse response;
  private final Caller caller;
  private final long until;

  /**
   * @param until when it ends, in nanoseconds of whoever asks {@link #over}
   */
  EventReader(HttpServerResponse response, Caller caller, long until) {
    this.response = response;
    this.caller = caller;
    this.until = until;
    response.setWriteQueueMaxSize(QUEUE_BYTES);
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        .write(HEAD);
  }

  /** Whether it may hear of what concerns a user's mailbox; below 0 is what concerns none. */
  boolean mayHear(long user) {
    return !caller.endUser() || (user >= 0 && user == caller.user());
  }

  /** Whether it is a stream of the same caller. */
  boolean isOf(Caller other) {
    return caller.role() == other.role() && caller.name().equals(other.name());
  }

  /** Whether it was opened in this session. */
  boolean in(String session) {
    return session.equals(caller.session());
  }

  /** Whether its time is over. */
  boolean over(long now) {
    return now - until >= 0;
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
