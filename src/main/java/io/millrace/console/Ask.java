package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** A request of somebody who is known and may make it. */
record Ask(RoutingContext context, Caller caller) {
  private static final int MOST_KEY_CHARS = 200;

  /** A number in the path. */
  long id(String name) {
    String text = context.pathParam(name);
    if (text == null || !text.matches("[0-9]{1,18}")) {
      throw Problem.wrong(List.of(new Problem.Fault(name, "must be a number"))).exception();
    }
    return Long.parseLong(text);
  }

  /** A name in the path. */
  String name(String name) {
    String text = context.pathParam(name);
    if (text == null || text.isBlank() || text.length() > 200 || text.indexOf('\0') >= 0) {
      throw Problem.wrong(List.of(new Problem.Fault(name, "must have 1 to 200 characters")))
          .exception();
    }
    return text;
  }

  Fields query() {
    JsonObject given = new JsonObject();
    context
        .queryParams()
        .forEach(
            entry -> {
              if (given.containsKey(entry.getKey())) {
                throw Problem.wrong(
                        List.of(new Problem.Fault(entry.getKey(), "is given more than once")))
                    .exception();
              }
              given.put(entry.getKey(), entry.getValue());
            });
    return new Fields(given, true);
  }

  Fields body() {
    return new Fields(json(), false);
  }

  /** An empty body is an empty object. */
  private JsonObject json() {
    Buffer body = raw();
    if (body.length() == 0) {
      return new JsonObject();
    }
    String type = context.request().getHeader("Content-Type");
    if (type == null || !type.toLowerCase(Locale.ROOT).matches("application/json(\\s*;.*)?")) {
      throw Problem.of(415).exception();
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.getBytes())).toString();
      return new JsonObject(text);
    } catch (CharacterCodingException e) {
      throw new Problem(400, "bad_json", "The body is not text in UTF-8.").exception();
    } catch (DecodeException | ClassCastException e) {
      throw new Problem(400, "bad_json", "The body is not a JSON object.").exception();
    }
  }

  Buffer raw() {
    Buffer body = context.body() == null ? null : context.body().buffer();
    return body == null ? Buffer.buffer() : body;
  }

  /** Under which a repeated request is known; null if it carries none. */
  String idempotencyKey() {
    String key = context.request().getHeader("Idempotency-Key");
    if (key != null && !key.matches("[\\x21-\\x7e]{1," + MOST_KEY_CHARS + "}")) {
      throw Problem.wrong(
              List.of(
                  new Problem.Fault(
                      "Idempotency-Key", "must have 1 to 200 printable characters without spaces")))
          .exception();
    }
    return key;
  }

  /** The address that it came from. */
  String origin() {
    return Origins.of(context);
  }
}
