package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether this process can do its work, told by asking what it needs, within a bound. Says what is
 * the matter in sentences of its own: what went wrong in detail is nobody's business who asks from
 * outside.
 */
final class Readiness {
  private static final String WORD = "word";

  private final HealthChecks checks;
  private final Map<String, Probe> probes = new LinkedHashMap<>();

  /**
   * @param boundMs for each of them
   */
  Readiness(Vertx vertx, List<Probe> all, long boundMs) {
    this.checks = HealthChecks.create(vertx);
    for (Probe probe : all) {
      probes.put(probe.name(), probe);
      checks.register(
          probe.name(),
          boundMs,
          promise ->
              ask(probe)
                  .onComplete(
                      done ->
                          promise.tryComplete(
                              done.succeeded() ? Status.OK(word(done.result())) : Status.KO())));
    }
  }

  private static Future<String> ask(Probe probe) {
    try {
      return probe.look().get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private static JsonObject word(String word) {
    return word == null ? new JsonObject() : new JsonObject().put(WORD, word);
  }

  /**
   * What came of asking.
   *
   * @param checks by name: ok, and a word or a sentence
   * @param lacking those that are not there
   */
  record Answer(JsonObject checks, List<Probe> lacking) {
    boolean ready() {
      return lacking.stream().noneMatch(Probe::needed);
    }

    /** In one word. */
    String status() {
      return ready() ? lacking.isEmpty() ? "ready" : "degraded" : "not ready";
    }
  }

  Future<Answer> ask() {
    return checks.checkStatus().map(this::answer);
  }

  private Answer answer(CheckResult result) {
    Map<String, CheckResult> byName = new TreeMap<>();
    result.getChecks().forEach(check -> byName.put(check.getId(), check));
    JsonObject told = new JsonObject();
    List<Probe> lacking =
        probes.values().stream().filter(probe -> !told(told, probe, byName)).toList();
    return new Answer(told, lacking);
  }

  private static boolean told(JsonObject told, Probe probe, Map<String, CheckResult> results) {
    CheckResult result = results.get(probe.name());
    boolean ok = result != null && result.getUp();
    JsonObject one = new JsonObject().put("ok", ok);
    if (!ok) {
      one.put("sentence", probe.lack());
    } else if (result.getData() != null && result.getData().containsKey(WORD)) {
      one.put(WORD, result.getData().getString(WORD));
    }
    told.put(probe.name(), one);
    return ok;
  }
}
