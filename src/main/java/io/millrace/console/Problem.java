package io.millrace.console;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * Why a request was not served, as RFC 9457 has it.
 *
 * @param code one word for machines; it never changes
 * @param detail a sentence for people; nothing of how it came about inside
 * @param faults what is wrong with single fields of the request; empty if that is not what is wrong
 */
record Problem(int status, String code, String detail, List<Fault> faults) {
  Problem(int status, String code, String detail) {
    this(status, code, detail, List.of());
  }

  /**
   * What is wrong with a field.
   *
   * @param field the name of a parameter, or where in the body it stands
   */
  record Fault(String field, String detail) {}

  static Problem of(int status) {
    return switch (status) {
      case 401 ->
          new Problem(401, "unauthenticated", "Say who you are: log in, or send a bearer token.");
      case 404 -> new Problem(404, "not_found", "There is nothing at this address.");
      case 405 ->
          new Problem(405, "method_not_allowed", "This address cannot be used with this method.");
      case 413 -> new Problem(413, "too_large", "The body of this request is too large.");
      case 415 ->
          new Problem(415, "unsupported_media_type", "A body must be of type application/json.");
      case 500 ->
          new Problem(500, "internal", "This is a fault in Millrace; its log says more about it.");
      default -> new Problem(status, "bad_request", "This request cannot be understood.");
    };
  }

  static Problem missing(String what) {
    return new Problem(404, "not_found", "There is no such " + what + ".");
  }

  static Problem wrong(List<Fault> faults) {
    return new Problem(
        400,
        "invalid",
        faults.size() == 1
            ? "%s: %s".formatted(faults.get(0).field(), faults.get(0).detail())
            : "%d fields of this request are wrong.".formatted(faults.size()),
        faults);
  }

  static Problem away() {
    return new Problem(503, "database_away", "The database does not answer.");
  }

  ProblemException exception() {
    return new ProblemException(this);
  }

  JsonObject json() {
    JsonObject json =
        new JsonObject()
            .put("type", "about:blank")
            .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
            .put("status", status)
            .put("code", code)
            .put("detail", detail);
    if (!faults.isEmpty()) {
      JsonArray errors = new JsonArray();
      faults.forEach(
          f -> errors.add(new JsonObject().put("field", f.field()).put("detail", f.detail())));
      json.put("errors", errors);
    }
    return json;
  }

  void answer(RoutingContext context) {
    if (context.response().ended() || context.response().closed()) {
      return;
    }
    context.response().setStatusCode(status).putHeader("Cache-Control", "no-store");
    if (status == 401) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    }
    if (status == 503 && !context.response().headers().contains("Retry-After")) {
      context.response().putHeader("Retry-After", "2");
    }
    Answers.send(context, "application/problem+json", json().toBuffer());
  }
}
