package io.millrace.console;

import java.util.concurrent.atomic.LongAdder;

/** How many there were, how many failed, and how long all took; only grows. Thread-safe. */
final class Tallied {
  private final LongAdder all = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  /** Numbers at one moment. */
  record Now(long all, long failed, long nanos) {
    static final Now NONE = new Now(0, 0, 0);

    /** What has come since an earlier moment. */
    Now since(Now earlier) {
      return new Now(all - earlier.all, failed - earlier.failed, nanos - earlier.nanos);
    }
  }

  void add(boolean failure, long took) {
    all.increment();
    nanos.add(took);
    if (failure) {
      failed.increment();
    }
  }

  Now now() {
    return new Now(all.sum(), failed.sum(), nanos.sum());
  }
}
