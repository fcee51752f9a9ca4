package io.millrace.console;

import io.millrace.store.WaitReasons;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Why a job waits, as it is told. */
final class Waits {
  private Waits() {}

  static Future<JsonArray> of(WaitReasons reasons, long user, long job) {
    return reasons
        .of(user, job)
        .map(
            causes -> {
              JsonArray all = new JsonArray();
              causes.forEach(
                  cause ->
                      all.add(
                          new JsonObject()
                              .put("cause", cause.what())
                              .put("detail", cause.detail())
                              .put(
                                  "until",
                                  cause.until() == null
                                      ? null
                                      : cause.until().toInstant().toString())
                              .put("n", cause.n())));
              return all;
            });
  }
}
