package io.millrace.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU seconds that processes have used, as Linux counts them; not a number elsewhere. */
final class CpuClock {
  /** Linux shows times to programs in hundredths of a second on every machine. */
  private static final double TICKS = 100;

  private static final Path PROC = Path.of("/proc");

  private CpuClock() {}

  /** What one process used, its ended children not. */
  static double of(long pid) {
    long[] stat = stat(PROC.resolve(Long.toString(pid)));
    return stat == null ? Double.NaN : (stat[1] + stat[2]) / TICKS;
  }

  /** What a process and its children used, the ended ones included. */
  static double ofFamily(long pid) {
    long[] parent = stat(PROC.resolve(Long.toString(pid)));
    if (parent == null) {
      return Double.NaN;
    }
    long ticks = parent[1] + parent[2] + parent[3] + parent[4];
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path one : all) {
        long[] child = stat(one);
        if (child != null && child[0] == pid) {
          ticks += child[1] + child[2];
        }
      }
    } catch (IOException e) {
      return Double.NaN;
    }
    return ticks / TICKS;
  }

  /** Parent, user, system, and the two of ended children; null if the process is not there. */
  private static long[] stat(Path process) {
    try {
      String text = Files.readString(process.resolve("stat"));
      // The command's name stands in parentheses and may hold anything.
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      return new long[] {
        Long.parseLong(fields[1]),
        Long.parseLong(fields[11]),
        Long.parseLong(fields[12]),
        Long.parseLong(fields[13]),
        Long.parseLong(fields[14])
      };
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }
}
