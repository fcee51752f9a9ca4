package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A file of the page, held in memory. It may be cached, but is always asked for anew: page, script
 * and style must be of one version.
 *
 * @param etag strong: a digest of the content
 */
record Asset(String path, String type, Buffer content, String etag) {

  /** All of them; reads the class path, so not on an event loop. */
  static List<Asset> load() {
    return List.of(
        load("/", "index.html", "text/html; charset=utf-8"),
        load("/console.css", "console.css", "text/css; charset=utf-8"),
        load("/console.js", "console.js", "text/javascript; charset=utf-8"),
        load("/icon.svg", "icon.svg", "image/svg+xml"));
  }

  private static Asset load(String path, String name, String type) {
    Buffer content = bytes(name);
    String etag = '"' + Digest.hex(content.getBytes()).substring(0, 32) + '"';
    return new Asset(path, type, content, etag);
  }

  /** A file of the console's; reads the class path, so not on an event loop. */
  static Buffer bytes(String name) {
    try (InputStream in = Asset.class.getResourceAsStream("/console/" + name)) {
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void serve(RoutingContext context) {
    context.response().putHeader("ETag", etag).putHeader("Cache-Control", "no-cache");
    if (Answers.known(context.request().getHeader("If-None-Match"), etag)) {
      context.response().setStatusCode(304).end();
    } else {
      Answers.send(context, type, content);
    }
  }
}
