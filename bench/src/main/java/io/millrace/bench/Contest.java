package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What the benchmarks that compare job systems have in common. */
final class Contest {
  private static final int SHOWN = 12;

  private Contest() {}

  /** Starts all systems that can take part. */
  static List<Contender> enter(
      Scope scope, Postgres postgres, Path directory, ContestOptions options, ObjectNode figures)
      throws Exception {
    List<Contender> contenders = new ArrayList<>();
    for (Rival rival : present(options, figures)) {
      contenders.add(
          Contender.start(
              scope, postgres, directory, rival, options.of(rival), options.javaOptions));
    }
    return contenders;
  }

  /** The systems that can take part; the figures name the others, with the reason. */
  static List<Rival> present(ContestOptions options, ObjectNode figures) {
    List<Rival> present = new ArrayList<>();
    ObjectNode absent = Result.JSON.createObjectNode();
    for (Rival rival : Rival.values()) {
      if (!options.wants(rival)) {
        absent.put(rival.label(), "not asked for");
      } else if (rival.absent() != null) {
        absent.put(rival.label(), rival.absent());
        Benchmark.say("%s does not take part: %s".formatted(rival.label(), rival.absent()));
      } else {
        present.add(rival);
      }
    }
    if (!absent.isEmpty()) {
      figures.set("absent", absent);
    }
    return present;
  }

  /** Adds Millrace's figure and the peers', and Millrace's share of the best of them. */
  static void compare(ObjectNode figures, Map<String, Double> rates, boolean ratio) {
    double ours = rates.getOrDefault(Rival.MILLRACE.label(), Double.NaN);
    figures.set("millrace", Result.figure(ours));
    ObjectNode peers = figures.putObject("peers");
    double best = Double.NaN;
    for (Map.Entry<String, Double> rate : rates.entrySet()) {
      if (!rate.getKey().equals(Rival.MILLRACE.label())) {
        peers.set(rate.getKey(), Result.figure(rate.getValue()));
        best = Double.isNaN(best) ? rate.getValue() : Math.max(best, rate.getValue());
      }
    }
    if (ratio) {
      figures.set("ratioToFastest", Result.figure(ours / best));
    }
  }

  /** Starts the settings with those of PostgreSQL. */
  static ObjectNode settings(ObjectNode figures, Postgres postgres) {
    ObjectNode settings = figures.putObject("settings");
    for (String name : List.of("fsync", "synchronous_commit", "shared_buffers", "max_wal_size")) {
      settings.put(name, postgres.ask("show " + name));
    }
    return settings;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length == 0
        ? Double.NaN
        : sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The statements that cost most since the counters were reset, of all databases. */
  static ArrayNode statements(Postgres postgres, int jobs) throws SQLException {
    ArrayNode rows = Result.JSON.createArrayNode();
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select left(regexp_replace(query, '\\s+', ' ', 'g'), 100), calls,
                       total_exec_time + total_plan_time as total, plans,
                       rows, wal_bytes
                  from pg_stat_statements order by total desc limit %d"""
                    .formatted(SHOWN))) {
      while (row.next()) {
        ObjectNode one = rows.addObject();
        one.set("microsPerJob", Result.figure(row.getDouble(3) * 1000 / jobs));
        one.set("millisPerCall", Result.figure(row.getDouble(3) / row.getLong(2)));
        one.put("calls", row.getLong(2));
        one.put("rows", row.getLong(5));
        one.put("plans", row.getLong(4));
        one.set("walBytesPerJob", Result.figure(row.getDouble(6) / jobs));
        one.put("statement", row.getString(1));
      }
    }
    return rows;
  }
}
