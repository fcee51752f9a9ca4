package io.millrace.limit;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much memory the process uses, in bytes.
 *
 * @param live of the heap, what was left after the collections so far; little before the first
 * @param committed of the heap, free or not
 * @param heap the most that the part of the heap for what lives may grow to
 * @param resident of the whole process, heap and all; −1 where the system does not tell
 * @param memory what the process's container has, or the machine if there is none
 */
public record MemoryReading(long live, long committed, long heap, long resident, long memory) {
  /** Unlike statm it counts in kilobytes, not in pages of a size that has to be guessed. */
  private static final Path STATUS = Path.of("/proc/self/status");

  /**
   * G1 collects its old regions where that pays, and on Java 17 says what was left only then: heap
   * filled with what lives was seen to go from a half to nine tenths unsaid. But it begins to look
   * for garbage there when the heap is half full, so what is used is near to what lives. Other
   * collectors let the old fill with garbage to the brim.
   */
  private static final String PIECEMEAL = "G1 Old Gen";

  private static final String RESIDENT = "VmRSS:";

  /**
   * The share that is in use, of the heap or of all memory, whichever is larger; 0 to about 1.
   *
   * <p>Heap that is committed and free is resident, but there to be used again: it does not count.
   * Otherwise a process whose heap fills its container would be in need for ever.
   */
  public double share() {
    double ofHeap = (double) live / Math.max(1, heap);
    if (resident < 0) {
      return ofHeap;
    }
    long needed = Math.max(live, resident - Math.max(0, committed - live));
    return Math.max(ofHeap, (double) needed / Math.max(1, memory));
  }

  /** Reads it now. Collects nothing; takes well under a millisecond. */
  public static MemoryReading now() {
    long live = 0;
    long room = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      // Of the heap's pools only those for what stays have a threshold: eden comes and goes.
      if (pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported()) {
        live += live(pool);
        room += Math.max(0, pool.getUsage().getMax());
      }
    }
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new MemoryReading(
        live,
        heap.getCommitted(),
        room > 0 ? room : Runtime.getRuntime().maxMemory(),
        readResident(),
        system.getTotalMemorySize());
  }

  private static long live(MemoryPoolMXBean pool) {
    MemoryUsage kept =
        pool.getName().equals(PIECEMEAL) ? pool.getUsage() : pool.getCollectionUsage();
    return kept == null ? 0 : kept.getUsed();
  }

  private static long readResident() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(RESIDENT)) {
          return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Not Linux, or not to be read: the heap is all that is known.
      return -1;
    }
    return -1;
  }
}
