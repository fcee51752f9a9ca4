package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code micro}: the pure parts by themselves, with JMH. */
@Command(name = "micro")
final class MicroBench extends Benchmark {
  @Option(names = "--only", paramLabel = "REGEX", description = "Those whose name matches.")
  String only = ".*";

  @Option(names = "--long", description = "Three forks and ten measured seconds in each.")
  boolean thorough;

  @Override
  String name() {
    return "micro";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("name", name());
    ObjectNode machine = Machine.describe();
    int forks = thorough ? 3 : 1;
    int seconds = thorough ? 10 : 5;
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(only)
            .forks(forks)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(seconds)
            .measurementTime(TimeValue.seconds(1))
            .shouldFailOnError(true);
    Collection<RunResult> results = new Runner(options.build()).run();
    ArrayNode benchmarks = figures.putArray("benchmarks");
    for (RunResult result : results) {
      benchmarks.add(one(result));
    }
    figures.set("machine", machine);
    ObjectNode settings = figures.putObject("settings");
    settings.put("forks", forks);
    settings.put("warmupSeconds", 3);
    settings.put("measuredSeconds", seconds);
    return figures;
  }

  private static ObjectNode one(RunResult result) {
    BenchmarkParams parameters = result.getParams();
    StringBuilder name =
        new StringBuilder(parameters.getBenchmark().replaceFirst("^io\\.millrace\\.", ""));
    for (String key : parameters.getParamsKeys()) {
      name.append(' ').append(key).append('=').append(parameters.getParam(key));
    }
    ObjectNode one = Result.JSON.createObjectNode();
    one.put("benchmark", name.toString());
    one.put("mode", parameters.getMode().shortLabel());
    one.set("score", Result.figure(result.getPrimaryResult().getScore()));
    one.set("error", Result.figure(result.getPrimaryResult().getScoreError()));
    one.put("unit", result.getPrimaryResult().getScoreUnit());
    return one;
  }

  @Override
  boolean sound(ObjectNode figures) {
    return !figures.path("benchmarks").isEmpty();
  }
}
