package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/** What the browser shows when it comes back from Google's page of consent. */
record ConsentPage(int status, String title, String text) {
  static final ConsentPage NOT_HERE = new ConsentPage(404, "Nothing here", "");

  static final ConsentPage NOT_OURS =
      new ConsentPage(
          400,
          "Not this attempt",
          "This answer does not belong to the attempt that is under way. Use the newest address that the terminal shows.");

  static final ConsentPage ANSWERED =
      new ConsentPage(409, "Answered already", "The terminal tells what came of it.");

  static ConsentPage connected(String email) {
    return new ConsentPage(
        200,
        "Thank you",
        "Millrace may now read the mail of " + email + ". You can close this window.");
  }

  static ConsentPage failed(String sentence) {
    return new ConsentPage(400, "Not connected", sentence);
  }

  /** The code stands in the address: nothing may be kept, loaded or told to another site. */
  Future<Void> answer(HttpServerRequest request) {
    return request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "text/html; charset=UTF-8")
        .putHeader("Cache-Control", "no-store")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Connection", "close")
        .end(html());
  }

  private String html() {
    return """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Millrace: %s</title>
        <body style="font: 18px/1.5 system-ui, sans-serif; max-width: 36em; margin: 15vh auto; padding: 0 1em">
        <h1>%s</h1><p>%s</p></body></html>
        """
        .formatted(title, title, escaped(text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
