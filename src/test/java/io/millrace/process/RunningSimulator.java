package io.millrace.process;

import static java.util.stream.Collectors.toMap;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/** A simulator in a process of its own, which outlives the demos that are killed. */
record RunningSimulator(MillraceProcess process, URI root) {
  private static final Pattern ADDRESS = Pattern.compile(", at (http://\\S+/)");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static RunningSimulator of(MillraceProcess process) {
    String root = process.awaitError(ADDRESS, Duration.ofSeconds(30)).group(1);
    return new RunningSimulator(process, URI.create(root));
  }

  /** What it has counted so far. */
  JsonObject report() {
    return get("sim/report");
  }

  /** The refresh token of each mailbox, by address. */
  Map<String, String> grants() {
    return get("sim/accounts").getJsonArray("accounts").stream()
        .map(JsonObject.class::cast)
        .collect(toMap(a -> a.getString("email"), a -> a.getString("refreshToken")));
  }

  private JsonObject get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(root.resolve(path)).timeout(Duration.ofSeconds(10)).build();
    try {
      return new JsonObject(HTTP.send(request, BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new AssertionError("the simulator does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Messages that went out so far. */
  long delivered() {
    return report().getLong("messagesDelivered");
  }
}
