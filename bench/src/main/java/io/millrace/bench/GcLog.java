package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the heap of another JVM was after each collection, from its log. */
final class GcLog {
  private static final Pattern PAUSE =
      Pattern.compile("^\\[([\\d.]+)s].*?(\\d+)M->(\\d+)M\\((\\d+)M\\)");

  /** Young collections leave garbage: what lives is the least over some of them. */
  private static final int PARTS = 12;

  private final Path file;

  GcLog(Path directory) {
    this.file = directory.resolve("gc.log");
  }

  /** For the JVM that is watched. */
  String option() {
    return "-Xlog:gc:file=" + file + ":uptime:filecount=0";
  }

  private record Point(double seconds, int before, int after) {}

  /**
   * The peak, and how what lives grew: the slope of the least heap after collection in each twelfth
   * of the time, the first quarter left out, in which the JVM and its caches fill.
   */
  ObjectNode figures() throws IOException {
    List<Point> points = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      Matcher pause = PAUSE.matcher(line);
      if (pause.find()) {
        points.add(
            new Point(
                Double.parseDouble(pause.group(1)),
                Integer.parseInt(pause.group(2)),
                Integer.parseInt(pause.group(3))));
      }
    }
    if (points.size() < 2 * PARTS) {
      throw new BenchException("Only %d collections: too few to judge.".formatted(points.size()));
    }
    double begin = points.get(0).seconds();
    double length = (points.get(points.size() - 1).seconds() - begin) / PARTS;
    List<double[]> floors = new ArrayList<>();
    for (int part = PARTS / 4; part < PARTS; part++) {
      double from = begin + part * length;
      points.stream()
          .filter(p -> p.seconds() >= from && p.seconds() <= from + length)
          .mapToInt(Point::after)
          .min()
          .ifPresent(least -> floors.add(new double[] {(from + length / 2) / 60, least}));
    }
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("peakMb", points.stream().mapToInt(Point::before).max().orElse(0));
    figures.put("livingMb", floors.stream().mapToDouble(f -> f[1]).max().orElse(0));
    figures.set("slopeMbPerMinute", Result.figure(slope(floors)));
    figures.put("collections", points.size());
    return figures;
  }

  /** By least squares. */
  private static double slope(List<double[]> points) {
    double x = points.stream().mapToDouble(p -> p[0]).average().orElse(0);
    double y = points.stream().mapToDouble(p -> p[1]).average().orElse(0);
    double xy = 0;
    double xx = 0;
    for (double[] p : points) {
      xy += (p[0] - x) * (p[1] - y);
      xx += (p[0] - x) * (p[0] - x);
    }
    return xx == 0 ? 0 : xy / xx;
  }
}
