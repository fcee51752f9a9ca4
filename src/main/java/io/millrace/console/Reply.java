package io.millrace.console;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * What a request is answered.
 *
 * @param body null for none
 * @param tagged whether it carries an ETag, so that it need not be sent again while it is the same
 * @param replayed whether it is the answer of an earlier request with the same key
 */
record Reply(int status, JsonObject body, boolean tagged, boolean replayed) {
  /** What may differ at any time. */
  static Reply of(JsonObject body) {
    return new Reply(200, body, false, false);
  }

  /** What is read often. */
  static Reply tagged(JsonObject body) {
    return new Reply(200, body, true, false);
  }

  /** What was done. */
  static Reply done(JsonObject body, boolean replayed) {
    return new Reply(200, body, false, replayed);
  }

  /** A page of a list; next is how to ask for the following one, null after the last. */
  static JsonObject page(List<JsonObject> items, String next) {
    return new JsonObject().put("items", new JsonArray(items)).put("next", next);
  }
}
