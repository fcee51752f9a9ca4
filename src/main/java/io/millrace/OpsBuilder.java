package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.console.AlertSettings;
import io.millrace.console.AlertSource;
import io.millrace.console.CostSettings;
import io.millrace.console.HealthSettings;
import io.millrace.console.OpsSettings;
import io.millrace.console.Threshold;
import io.millrace.console.TraceSettings;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the settings of watching from a document that has passed every check. */
final class OpsBuilder {
  private final JsonNode merged;
  private final Secrets secrets;

  OpsBuilder(JsonNode merged, Secrets secrets) {
    this.merged = merged;
    this.secrets = secrets;
  }

  OpsSettings build() {
    return new OpsSettings(alerts(), health(), cost(), tracing());
  }

  private AlertSettings alerts() {
    return new AlertSettings(
        millis("/alerts/everyMs"),
        millis("/alerts/holdMs"),
        number("/alerts/margin"),
        millis("/alerts/windowMs"),
        whole("/alerts/minSample"),
        whole("/alerts/keepDays"),
        text("/alerts/runbooks"),
        webhook(),
        thresholds());
  }

  private Optional<AlertSettings.Webhook> webhook() {
    String url = merged.at("/alerts/webhookUrl").textValue();
    return url == null
        ? Optional.empty()
        : Optional.of(
            new AlertSettings.Webhook(
                URI.create(url),
                secrets.webhookSecret().map(Secret::reveal).orElse(""),
                millis("/alerts/webhookTimeoutMs"),
                whole("/alerts/webhookAttempts")));
  }

  private Map<AlertSource, Threshold> thresholds() {
    Set<String> off = new HashSet<>();
    merged.at("/alerts/off").forEach(name -> off.add(name.asText()));
    Map<AlertSource, Threshold> thresholds = new EnumMap<>(AlertSource.class);
    for (AlertSource source : AlertSource.values()) {
      if (!off.contains(source.key())) {
        thresholds.put(source, threshold(source));
      }
    }
    return Map.copyOf(thresholds);
  }

  private Threshold threshold(AlertSource source) {
    return switch (source) {
      case MEMORY -> new Threshold(number("/memory/warn"), number("/memory/critical"));
      case COST -> new Threshold(number("/cost/budget"), number("/cost/critical"));
      default ->
          new Threshold(
              number("/alerts/" + source.key() + "/warn"),
              number("/alerts/" + source.key() + "/critical"));
    };
  }

  private HealthSettings health() {
    return new HealthSettings(
        millis("/health/sampleMs"),
        whole("/health/keepDays"),
        whole("/health/minDays"),
        number("/health/deviations"));
  }

  private CostSettings cost() {
    return new CostSettings(
        number("/cost/perThousandUnits"),
        number("/cost/perMillionTokens"),
        number("/cost/perGibibyte"),
        number("/cost/budget"),
        number("/cost/critical"),
        millis("/cost/everyMs"),
        whole("/cost/keepDays"));
  }

  private TraceSettings tracing() {
    return new TraceSettings(
        merged.at("/tracing/enabled").asBoolean(),
        text("/tracing/endpoint"),
        number("/tracing/share"),
        text("/tracing/service"));
  }

  private String text(String pointer) {
    return merged.at(pointer).asText();
  }

  private int whole(String pointer) {
    return merged.at(pointer).asInt();
  }

  private double number(String pointer) {
    return merged.at(pointer).asDouble();
  }

  private Duration millis(String pointer) {
    return Duration.ofMillis(merged.at(pointer).asLong());
  }
}
