package io.millrace.console;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Reads server-sent events as they come. */
final class EventLines implements AutoCloseable {
  final HttpResponse<InputStream> response;
  private final BufferedReader lines;

  EventLines(HttpResponse<InputStream> response) {
    this.response = response;
    this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  /** One block of the stream: an event, or the fields before the first, or a comment (name ""). */
  record Block(Map<String, String> fields) {
    String event() {
      return fields.get("event");
    }

    JsonObject data() {
      return new JsonObject(fields.get("data"));
    }
  }

  /** The next block; null at the end of the stream. */
  Block block() throws IOException {
    Map<String, String> fields = new HashMap<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        return new Block(fields);
      }
      int colon = line.indexOf(':');
      fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    return null;
  }

  /** The next event, whatever stands before it. */
  Block next() throws IOException {
    Block block = block();
    while (block != null && block.event() == null) {
      block = block();
    }
    return block;
  }

  /** The next event of this name. */
  Block next(String event) throws IOException {
    Block block = next();
    while (!event.equals(block.event())) {
      block = next();
    }
    return block;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
