package io.millrace.sim;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happened. Safe from any thread. */
final class Meter {
  final LongAdder requests = new LongAdder();
  final LongAdder throttled = new LongAdder();
  final LongAdder refetched = new LongAdder();
  final LongAdder refetchedInThreads = new LongAdder();
  final LongAdder messagesDelivered = new LongAdder();
  final LongAdder bytesSent = new LongAdder();
  final LongAdder deleted = new LongAdder();
  final LongAdder arrived = new LongAdder();
  final LongAdder tokensIssued = new LongAdder();
  private final Map<ApiMethod, LongAdder> calls = new EnumMap<>(ApiMethod.class);
  private final Map<FaultKind, LongAdder> faults = new EnumMap<>(FaultKind.class);

  Meter() {
    for (ApiMethod method : ApiMethod.values()) {
      calls.put(method, new LongAdder());
    }
    for (FaultKind kind : FaultKind.values()) {
      faults.put(kind, new LongAdder());
    }
  }

  void call(ApiMethod method) {
    calls.get(method).increment();
  }

  void fault(FaultKind kind) {
    faults.get(kind).increment();
  }

  Map<ApiMethod, LongAdder> calls() {
    return calls;
  }

  Map<FaultKind, LongAdder> faults() {
    return faults;
  }
}
