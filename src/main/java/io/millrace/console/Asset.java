package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A file that browsers are served, held in memory.
 *
 * @param etag strong: a digest of the content
 * @param caching for how long it may be kept without asking
 * @param policy what the page may do; null if that of all answers holds
 */
record Asset(String path, String type, Buffer content, String etag, String caching, String policy) {
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  /** Our own: always asked for anew, as page, scripts and style must be of one version. */
  static Asset own(String path, String type, Buffer content, String policy) {
    return new Asset(path, type, content, etag(content), "no-cache", policy);
  }

  /** A script of ours. */
  static Asset script(String path, Buffer content) {
    return own(path, SCRIPT, content, null);
  }

  /** A script of others: its address has the version in it, so it never changes. */
  static Asset library(String path, Buffer content) {
    return new Asset(
        path, SCRIPT, content, etag(content), "public, max-age=31536000, immutable", null);
  }

  private static String etag(Buffer content) {
    return '"' + Digest.hex(content.getBytes()).substring(0, 32) + '"';
  }

  /** A file of the console's; reads the class path, so not on an event loop. */
  static Buffer bytes(String name) {
    return read("/console/" + name);
  }

  /** A file on the class path, which must be there. */
  static Buffer read(String path) {
    try (InputStream in = Asset.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is not on the class path");
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void serve(RoutingContext context) {
    context.response().putHeader("ETag", etag).putHeader("Cache-Control", caching);
    if (policy != null) {
      context.response().putHeader("Content-Security-Policy", policy);
    }
    if (Answers.known(context.request().getHeader("If-None-Match"), etag)) {
      context.response().setStatusCode(304).end();
    } else {
      Answers.send(context, type, content);
    }
  }
}
