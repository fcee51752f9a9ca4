package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Runs a benchmark and brings its figures to where they belong. */
final class Result {
  static final JsonMapper JSON = new JsonMapper();

  private Result() {}

  /** Returns the exit status. */
  static int run(Benchmark benchmark, PrintStream out) {
    ObjectNode figures;
    try (Scope scope = new Scope()) {
      figures = benchmark.measure(scope);
    } catch (BenchException e) {
      System.err.println("bench: " + e.getMessage());
      return 1;
    } catch (Exception e) {
      e.printStackTrace();
      return 1;
    }
    if (benchmark.save) {
      save(benchmark.name(), figures);
    }
    out.println(benchmark.json ? figures.toString() : figures.toPrettyString());
    return benchmark.sound(figures) ? 0 : 1;
  }

  private static void save(String name, ObjectNode figures) {
    String date = LocalDate.now(ZoneOffset.UTC).toString();
    Path file = Home.directory().resolve("results").resolve(name + "-" + date + ".json");
    try {
      Files.writeString(file, figures.toPrettyString() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Benchmark.say("kept in bench/results/" + file.getFileName());
  }

  /** Jain's index: 1 if all have had the same, 1 / n if one has had all. */
  static double jain(double[] shares) {
    double sum = 0;
    double squares = 0;
    for (double share : shares) {
      sum += share;
      squares += share * share;
    }
    return sum * sum / (shares.length * squares);
  }

  /** A figure with three significant digits and no more: the others are noise. */
  static JsonNode figure(double value) {
    if (!Double.isFinite(value)) {
      return JSON.getNodeFactory().nullNode();
    }
    if (value == 0) {
      return JSON.getNodeFactory().numberNode(0);
    }
    int digits = 2 - (int) Math.floor(Math.log10(Math.abs(value)));
    double scale = Math.pow(10, Math.max(0, digits));
    double rounded = Math.round(value * scale) / scale;
    return digits <= 0
        ? JSON.getNodeFactory().numberNode(Math.round(value))
        : JSON.getNodeFactory().numberNode(rounded);
  }
}
