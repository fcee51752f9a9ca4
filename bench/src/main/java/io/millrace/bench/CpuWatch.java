package io.millrace.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/** Reads the CPU clocks of several processes all the time, to tell what a window of time cost. */
final class CpuWatch implements AutoCloseable {
  private static final long EVERY_MS = 50;

  private final Map<String, DoubleSupplier> clocks;
  private final Map<String, NavigableMap<Long, Double>> samples = new LinkedHashMap<>();
  private final Thread thread = new Thread(this::watch, "bench-cpu");

  CpuWatch(Map<String, DoubleSupplier> clocks) {
    this.clocks = new LinkedHashMap<>(clocks);
    this.clocks.keySet().forEach(name -> samples.put(name, new TreeMap<>()));
    thread.setDaemon(true);
    thread.start();
  }

  /** CPU seconds of one process in a window of wall time, in epoch milliseconds. */
  synchronized double seconds(String name, double fromMs, double untilMs) {
    NavigableMap<Long, Double> all = samples.get(name);
    return all.isEmpty() ? Double.NaN : at(all, untilMs) - at(all, fromMs);
  }

  private static double at(NavigableMap<Long, Double> all, double ms) {
    Map.Entry<Long, Double> before = all.floorEntry((long) ms);
    Map.Entry<Long, Double> after = all.higherEntry((long) ms);
    if (before == null || after == null) {
      return (before == null ? all.firstEntry() : before).getValue();
    }
    double share = (ms - before.getKey()) / (after.getKey() - before.getKey());
    return before.getValue() + share * (after.getValue() - before.getValue());
  }

  private void watch() {
    try {
      while (true) {
        sample();
        Thread.sleep(EVERY_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void sample() {
    clocks.forEach(
        (name, clock) -> {
          double seconds = clock.getAsDouble();
          if (Double.isFinite(seconds)) {
            samples.get(name).put(System.currentTimeMillis(), seconds);
          }
        });
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
