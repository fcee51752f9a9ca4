package io.millrace.console;

import io.millrace.store.Alerts;
import io.vertx.core.json.JsonObject;

/**
 * An alert that was raised, changed or is over, published on {@link #ADDRESS} by the process that
 * wrote it.
 *
 * @param runbook where it is written what to do
 */
public record AlertTold(Alerts.Event event, String runbook) {
  /** Where each is published once it is committed. */
  public static final String ADDRESS = "millrace.alert";

  /** As it is sent. */
  public JsonObject json() {
    return new JsonObject()
        .put("id", event.id())
        .put("at", event.at().toString())
        .put("source", event.key().source())
        .put("subject", event.key().subject())
        .put("level", event.level())
        .put("was", event.was())
        .put("value", event.value())
        .put("threshold", event.threshold())
        .put("sentence", event.sentence())
        .put("runbook", runbook);
  }
}
