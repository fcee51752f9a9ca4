package io.millrace.console;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/**
 * Why a request was not served, as RFC 9457 has it.
 *
 * @param code one word for machines; it never changes
 * @param detail a sentence for people; nothing of how it came about inside
 */
record Problem(int status, String code, String detail) {
  static Problem of(int status) {
    return switch (status) {
      case 404 -> new Problem(404, "not_found", "There is nothing at this address.");
      case 405 ->
          new Problem(405, "method_not_allowed", "This address can only be read: use GET or HEAD.");
      case 500 ->
          new Problem(500, "internal", "This is a fault in Millrace; its log says more about it.");
      default -> new Problem(status, "bad_request", "This request cannot be understood.");
    };
  }

  void answer(RoutingContext context) {
    context.response().setStatusCode(status).putHeader("Cache-Control", "no-store");
    Answers.send(
        context,
        "application/problem+json",
        new JsonObject()
            .put("type", "about:blank")
            .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
            .put("status", status)
            .put("code", code)
            .put("detail", detail)
            .toBuffer());
  }
}
