package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.console.AlertSource;
import io.millrace.engine.FailureClass;
import io.millrace.google.Prices;
import io.millrace.limit.QuotaLimits;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the schema cannot say: keys that must agree with each other, and with the world. */
final class CrossChecks {
  private static final String DEFAULTS = "built-in defaults";

  private final JsonNode merged;
  private final Map<String, String> setBy;
  private final Set<String> kinds;
  private final List<Fault> faults = new ArrayList<>();

  /**
   * @param merged the whole configuration, each key of which is right by itself
   * @param setBy by path, who set it
   * @param kinds the kinds of jobs that there are
   */
  CrossChecks(JsonNode merged, Map<String, String> setBy, Set<String> kinds) {
    this.merged = merged;
    this.setBy = setBy;
    this.kinds = kinds;
  }

  List<Fault> check() {
    atMost("lease.heartbeatMs", "lease.ms", 3, "a third of ");
    atMost("gmail.maxResponseBytes", "gmail.inflightBytes", 1, "");
    for (FailureClass failure : FailureClass.values()) {
      atMost("retry." + failure.key() + ".baseMs", "retry." + failure.key() + ".capMs", 1, "");
    }
    atMost("quota.yieldAfterMs", "gmail.sliceMs", 1, "");
    atMost("gmail.sliceMs", "kinds.google_gmail_sync.timeoutMs", 1, "");
    atMost("google.timeoutMs", "kinds.google_gmail_sync.timeoutMs", 1, "");
    ascending("concurrency.min", "concurrency.initial", "concurrency.max");
    ascending("concurrency.error.low", "concurrency.error.high");
    ascending("memory.shed", "memory.warn", "memory.critical");
    for (AlertSource source : AlertSource.values()) {
      if (source != AlertSource.MEMORY && source != AlertSource.COST) {
        ascending("alerts." + source.key() + ".warn", "alerts." + source.key() + ".critical");
      }
    }
    ascending("cost.budget", "cost.critical");
    if (at("alerts.webhookUrl").isTextual()) {
      url("alerts.webhookUrl");
    }
    url("tracing.endpoint");
    zone();
    url("google.rootUrl");
    url("google.tokenUrl");
    url("google.authUrl");
    if (!at("database.uri").isNull()) {
      url("database.uri");
    }
    faults.addAll(new LaneChecks(merged, this::origin).check());
    kinds();
    faults.addAll(new ScheduleChecks(merged.path("schedules"), this::origin, kinds).check());
    profile();
    realGoogle();
    faults.addAll(new ConsoleChecks(merged.path("console"), this::origin).check());
    push();
    return faults;
  }

  private void atMost(String path, String boundPath, int divisor, String share) {
    long bound = at(boundPath).asLong();
    if (at(path).asLong() > bound / divisor) {
      add(
          path,
          "must be at most %s%s, which is %d (%s)"
              .formatted(share, boundPath, bound, origin(boundPath)));
    }
  }

  private void ascending(String... paths) {
    for (int i = 0; i + 1 < paths.length; i++) {
      JsonNode next = at(paths[i + 1]);
      if (at(paths[i]).asDouble() > next.asDouble()) {
        add(
            paths[i],
            "must be at most %s, which is %s (%s)"
                .formatted(paths[i + 1], next.asText(), origin(paths[i + 1])));
      }
    }
  }

  private void zone() {
    wrongZone(at("quota.dayZone").asText()).ifPresent(wrong -> add("quota.dayZone", wrong));
  }

  /** What is wrong with the name of a time zone, if anything. */
  static Optional<String> wrongZone(String name) {
    try {
      ZoneId.of(name);
      return Optional.empty();
    } catch (DateTimeException e) {
      String meant =
          Nearest.to(name, ZoneId.getAvailableZoneIds())
              .map(zone -> "; did you mean " + zone + "?")
              .orElse(" such as America/Los_Angeles");
      return Optional.of("no such time zone" + meant);
    }
  }

  private void url(String path) {
    try {
      if (new URI(at(path).asText()).getHost() == null) {
        add(path, "must name a host");
      }
    } catch (URISyntaxException e) {
      add(path, "is not a URL: " + e.getReason() + " at character " + (e.getIndex() + 1));
    }
  }

  private void kinds() {
    for (Map.Entry<String, JsonNode> kind : merged.path("kinds").properties()) {
      String first =
          kind.getValue().properties().stream().findFirst().map(Map.Entry::getKey).orElse("");
      known("kinds.", kind, "." + first);
    }
    for (Map.Entry<String, JsonNode> kind : merged.at("/retention/kinds").properties()) {
      known("retention.kinds.", kind, "");
    }
  }

  private void known(String section, Map.Entry<String, JsonNode> kind, String key) {
    if (!kinds.contains(kind.getKey())) {
      String meant =
          Nearest.to(kind.getKey(), kinds)
              .map(name -> "did you mean " + section + name + "?")
              .orElse("there are " + String.join(", ", new TreeSet<>(kinds)));
      String path = section + kind.getKey();
      faults.add(
          Fault.of(origin(path + key), path, kind.getValue(), "no such kind of job; " + meant));
    }
  }

  private void profile() {
    String name = at("quota.profile").asText();
    Map<String, JsonNode> own = ConfigurationBuilder.ownProfiles(merged);
    for (Map.Entry<String, JsonNode> profile : own.entrySet()) {
      String path = "quota.profiles." + profile.getKey();
      if (ConfigurationBuilder.BUILT_IN.containsKey(profile.getKey())) {
        faults.add(
            new Fault(origin(path + ".prices.get"), path, "", "is built in; give it another name"));
      }
      limits(path, profile.getValue());
    }
    if (!own.containsKey(name) && !ConfigurationBuilder.BUILT_IN.containsKey(name)) {
      Set<String> all = new TreeSet<>(own.keySet());
      all.addAll(ConfigurationBuilder.BUILT_IN.keySet());
      String meant =
          Nearest.to(name, all)
              .map(found -> "did you mean " + found + "?")
              .orElse("there are " + String.join(", ", all));
      add("quota.profile", "no such profile; " + meant);
    }
  }

  /** A limit below the price of a call would make that call wait for ever. */
  private void limits(String path, JsonNode profile) {
    long dearest = at("push.topic").isNull() ? 0 : Prices.WATCH;
    for (JsonNode price : profile.path("prices")) {
      dearest = Math.max(dearest, price.asLong());
    }
    for (String scope : List.of("userPerMinute", "projectPerMinute", "projectPerDay")) {
      long limit = profile.path("limits").path(scope).asLong();
      long least =
          scope.endsWith("Minute") ? QuotaLimits.leastPerMinute(Math.max(1, dearest)) : dearest;
      if (limit > 0 && limit < least) {
        add(
            path + ".limits." + scope,
            "must be 0 (not limited) or at least %d, for the dearest call, of %d units"
                .formatted(least, dearest));
      }
    }
  }

  /** Both would send more than Google allows. */
  private void realGoogle() {
    String host = Optional.ofNullable(host("google.rootUrl")).orElse("");
    if (!host.equals("googleapis.com") && !host.endsWith(".googleapis.com")) {
      return;
    }
    if (at("timeScale").asDouble() > 1) {
      add(
          "timeScale",
          "must be 1 where google.rootUrl is Google itself, whose minutes are not shortened");
    }
    if (at("quota.profile").asText().equals("unlimited")) {
      add("quota.profile", "is for a simulator; google.rootUrl is Google itself");
    }
  }

  /** Half of it would be silence that nobody hears. */
  private void push() {
    url("push.jwksUri");
    if (!at("push.audience").isNull() && at("push.serviceAccount").isNull()) {
      add(
          "push.serviceAccount",
          "must be set where push.audience is: the account in whose name Pub/Sub pushes");
    }
    if (!at("push.topic").isNull() && at("push.audience").isNull()) {
      add("push.audience", "must be set where push.topic is: nobody would hear what Gmail tells");
    }
    if (!at("push.audience").isNull()
        && at("push.port").asInt() != 0
        && at("push.port").asInt() == at("console.port").asInt()) {
      add("push.port", "must be another than console.port, which is for this machine only");
    }
  }

  private String host(String path) {
    try {
      return new URI(at(path).asText()).getHost();
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private JsonNode at(String path) {
    return merged.at("/" + path.replace('.', '/'));
  }

  private String origin(String path) {
    return setBy.getOrDefault(path, DEFAULTS);
  }

  private void add(String path, String remedy) {
    faults.add(Fault.of(origin(path), path, at(path), remedy));
  }
}
