package io.millrace;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

/**
 * Watches the heap: its peak, and what was left after each collection beside how far the work was
 * then. With it a demo shows whether memory grows with the mailbox.
 */
final class HeapWatch implements NotificationListener, AutoCloseable {
  private static final int MOST = 4_096;

  private record Sample(double done, long used) {}

  private final DoubleSupplier done;
  private final Set<String> heap = new HashSet<>();
  private List<Sample> samples = new ArrayList<>();
  private int every = 1;
  private int collections;
  private long peak;

  /**
   * @param done the share of the work that is done, 0 to 1
   */
  HeapWatch(DoubleSupplier done) {
    this.done = done;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        heap.add(pool.getName());
      }
    }
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector).addNotificationListener(this, null, null);
    }
  }

  @Override
  public synchronized void handleNotification(Notification notification, Object handback) {
    if (!notification
        .getType()
        .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
      return;
    }
    GcInfo gc =
        GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData())
            .getGcInfo();
    peak = Math.max(peak, used(gc.getMemoryUsageBeforeGc()));
    if (collections++ % every != 0) {
      return;
    }
    long used = used(gc.getMemoryUsageAfterGc());
    samples.add(new Sample(done.getAsDouble(), used));
    if (samples.size() == MOST) {
      // Every second one is enough from here on.
      List<Sample> thinned = new ArrayList<>();
      for (int i = 0; i < samples.size(); i += 2) {
        thinned.add(samples.get(i));
      }
      samples = thinned;
      every *= 2;
    }
  }

  private long used(Map<String, MemoryUsage> pools) {
    return pools.entrySet().stream()
        .filter(p -> heap.contains(p.getKey()))
        .mapToLong(p -> p.getValue().getUsed())
        .sum();
  }

  /** The most bytes of heap in use since the watch began, collected or not. */
  synchronized long peak() {
    return Math.max(peak, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  /**
   * The median of what was left after collections while the work was between two shares of it.
   *
   * @return bytes, or −1 if there was no collection then
   */
  synchronized long afterCollection(double from, double until) {
    long[] used =
        samples.stream()
            .filter(s -> s.done() >= from && s.done() <= until)
            .mapToLong(Sample::used)
            .sorted()
            .toArray();
    return used.length == 0 ? -1 : used[used.length / 2];
  }

  @Override
  public void close() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      try {
        ((NotificationEmitter) collector).removeNotificationListener(this);
      } catch (ListenerNotFoundException e) {
        throw new IllegalStateException("closed twice", e);
      }
    }
  }
}
