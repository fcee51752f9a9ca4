package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a figure was measured on. */
final class Machine {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Machine() {}

  /** Names it, with what else ran at the time: to be asked before the work begins. */
  static ObjectNode describe() {
    ObjectNode machine = Result.JSON.createObjectNode();
    machine.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("cpu", cpu());
    machine.put("memoryBytes", SYSTEM.getTotalMemorySize());
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("jdk", System.getProperty("java.vm.version"));
    machine.set("loadAverageBefore", Result.figure(SYSTEM.getSystemLoadAverage()));
    return machine;
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(SYSTEM.getArch());
    } catch (IOException e) {
      return SYSTEM.getArch();
    }
  }
}
