package io.millrace.google;

import io.vertx.core.http.HttpClientRequest;
import java.util.HashSet;
import java.util.Set;

/** Requests that are broken off together, and that a person waits for or not. One context's. */
final class CallScope {
  private static final long CANCEL = 8;

  private final Set<HttpClientRequest> requests = new HashSet<>();
  private final boolean urgent;
  private boolean cancelled;

  CallScope() {
    this(false);
  }

  /**
   * @param urgent whether a person waits
   */
  CallScope(boolean urgent) {
    this.urgent = urgent;
  }

  boolean urgent() {
    return urgent;
  }

  boolean cancelled() {
    return cancelled;
  }

  void add(HttpClientRequest request) {
    requests.add(request);
  }

  void remove(HttpClientRequest request) {
    requests.remove(request);
  }

  /** Breaks off what is under way; what is not yet written will not be. */
  void cancel() {
    cancelled = true;
    Set.copyOf(requests).forEach(r -> r.reset(CANCEL));
    requests.clear();
  }
}
