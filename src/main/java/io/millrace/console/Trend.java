package io.millrace.console;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Where a backlog is heading, by its last samples: the median of the slopes between all pairs of
 * them (Theil and Sen), which a few odd samples do not move. Pure.
 *
 * @param now the backlog at the newest sample, by the median of the last three
 * @param perMinute by how much it grows; negative if it gets less
 */
public record Trend(double now, double perMinute) {
  /** Fewer samples tell no trend. */
  static final int LEAST = 5;

  private static final int MOST = 200;
  private static final double STILL = 1e-9;

  /**
   * A sample.
   *
   * @param minutes on any clock
   */
  record Point(double minutes, double value) {}

  /** Of samples in their order; empty if they are too few, or all of one moment. */
  static Optional<Trend> of(List<Point> all) {
    List<Point> points = all.subList(Math.max(0, all.size() - MOST), all.size());
    if (points.size() < LEAST) {
      return Optional.empty();
    }
    List<Double> slopes = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      for (int j = i + 1; j < points.size(); j++) {
        double minutes = points.get(j).minutes() - points.get(i).minutes();
        if (minutes > STILL) {
          slopes.add((points.get(j).value() - points.get(i).value()) / minutes);
        }
      }
    }
    if (slopes.isEmpty()) {
      return Optional.empty();
    }
    List<Double> last =
        points.subList(points.size() - 3, points.size()).stream().map(Point::value).toList();
    return Optional.of(new Trend(median(last), median(slopes)));
  }

  /** When nothing is left if it goes on like this, in minutes; empty if it does not get less. */
  public OptionalDouble emptyIn() {
    if (now <= 0) {
      return OptionalDouble.of(0);
    }
    return perMinute < -STILL ? OptionalDouble.of(now / -perMinute) : OptionalDouble.empty();
  }

  /** When it is over a bound, in minutes; 0 if it is already, empty if it will not be. */
  public OptionalDouble overIn(double bound) {
    if (now > bound) {
      return OptionalDouble.of(0);
    }
    return perMinute > STILL
        ? OptionalDouble.of((bound - now) / perMinute)
        : OptionalDouble.empty();
  }

  static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : sorted.get(middle - 1) / 2 + sorted.get(middle) / 2;
  }
}
