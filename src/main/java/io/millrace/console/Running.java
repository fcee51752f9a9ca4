package io.millrace.console;

import io.vertx.core.json.JsonObject;

/** What runs: told with every snapshot. */
record Running(String version, String profile, double timeScale) {
  JsonObject json() {
    return new JsonObject()
        .put("version", version)
        .put("profile", profile)
        .put("timeScale", timeScale);
  }
}
