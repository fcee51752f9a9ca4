package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;

/** What all answers have in common. */
final class Answers {
  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " object-src 'none'";

  private Answers() {}

  /** The policy of the page, which runs one script of its own beside those that it loads. */
  static String policy(String script) {
    return POLICY
        + "; script-src 'self' "
        + script
        + "; trusted-types lit-html; require-trusted-types-for 'script'";
  }

  /**
   * Headers for every answer, also for refusals.
   *
   * @param secure whether browsers speak TLS to the console, be it to a proxy before it
   */
  static void protect(RoutingContext context, boolean secure) {
    HttpServerResponse response = context.response();
    response
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin");
    if (secure) {
      response.putHeader("Strict-Transport-Security", "max-age=31536000");
    }
    context.next();
  }

  static void json(RoutingContext context, JsonObject json) {
    context.response().putHeader("Cache-Control", "no-store");
    send(context, "application/json", json.toBuffer());
  }

  /** Answers a request of the API. */
  static void reply(RoutingContext context, Reply reply) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(reply.status());
    if (reply.replayed()) {
      response.putHeader("Idempotent-Replayed", "true");
    }
    if (reply.body() == null) {
      response.putHeader("Cache-Control", "no-store").end();
      return;
    }
    if (reply.etag() == null) {
      response.putHeader("Cache-Control", "no-store");
    } else {
      response.putHeader("ETag", reply.etag()).putHeader("Cache-Control", "private, no-cache");
      if (known(context.request().getHeader("If-None-Match"), reply.etag())) {
        response.setStatusCode(304).end();
        return;
      }
    }
    send(context, "application/json", reply.body());
  }

  /** Whether one of the tags that a client knows is this one. */
  static boolean known(String tags, String etag) {
    return tags != null
        && Arrays.stream(tags.split(","))
            .map(tag -> tag.strip().replaceFirst("^W/", ""))
            .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
  }

  /** Sends a body, or to HEAD only what it would be. */
  static void send(RoutingContext context, String type, Buffer body) {
    HttpServerResponse response = context.response();
    response.putHeader("Content-Type", type);
    if (context.request().method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(body.length())).end();
    } else {
      response.end(body);
    }
  }
}
