package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
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
    try (InputStream in = Asset.class.getResourceAsStream("/console/" + name)) {
      byte[] bytes = in.readAllBytes();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      String etag = '"' + HexFormat.of().formatHex(digest, 0, 16) + '"';
      return new Asset(path, type, Buffer.buffer(bytes), etag);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  void serve(RoutingContext context) {
    context.response().putHeader("ETag", etag).putHeader("Cache-Control", "no-cache");
    if (known(context.request().getHeader("If-None-Match"))) {
      context.response().setStatusCode(304).end();
    } else {
      Answers.send(context, type, content);
    }
  }

  private boolean known(String tags) {
    return tags != null
        && Arrays.stream(tags.split(","))
            .map(tag -> tag.strip().replaceFirst("^W/", ""))
            .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
  }
}
