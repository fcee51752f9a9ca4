package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * What a request is answered.
 *
 * @param body null for none
 * @param etag so that it need not be sent again while it is the same; null if it may differ at any
 *     time
 * @param replayed whether it is the answer of an earlier request with the same key
 */
record Reply(int status, Buffer body, String etag, boolean replayed) {
  /** What may differ at any time. */
  static Reply of(JsonObject body) {
    return done(body, false);
  }

  /** What is read often; made once, it can be sent to many. */
  static Reply tagged(JsonObject body) {
    Buffer text = body.toBuffer();
    String etag = '"' + Digest.hex(text.getBytes()).substring(0, 32) + '"';
    return new Reply(200, text, etag, false);
  }

  /** What was done. */
  static Reply done(JsonObject body, boolean replayed) {
    return new Reply(200, body == null ? null : body.toBuffer(), null, replayed);
  }

  /** A page of a list; next is how to ask for the following one, null after the last. */
  static JsonObject page(List<JsonObject> items, String next) {
    return new JsonObject().put("items", new JsonArray(items)).put("next", next);
  }
}
