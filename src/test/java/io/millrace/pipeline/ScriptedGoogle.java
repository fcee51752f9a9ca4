package io.millrace.pipeline;

import io.millrace.store.StoreTestKit;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A mailbox at Google that says, word for word, what a test wants it to. Knows no batches. A test
 * changes it only while no sync runs, or from within its own answers.
 */
final class ScriptedGoogle {
  /** What was asked, as path and query. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  /** Messages by their ids, with their labels. */
  final Map<String, List<String>> messages = new LinkedHashMap<>();

  /** Answers a page of history; null is the 404 of a cursor too old. */
  Function<HttpServerRequest, JsonObject> history = r -> new JsonObject();

  /** Answers instead of everything else where it does not answer null. */
  Function<HttpServerRequest, String> instead = r -> null;

  /** What is answered with 400. */
  Predicate<HttpServerRequest> refuse = r -> false;

  /** Whether access tokens are refused; new ones come from the simulator. */
  boolean revoked;

  String historyId;
  private final String email;
  private final HttpServer server;

  ScriptedGoogle(String email, String historyId) throws Exception {
    this.email = email;
    this.historyId = historyId;
    this.server =
        StoreTestKit.await(
            StoreTestKit.VERTX
                .createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1"));
  }

  URI root() {
    return URI.create("http://127.0.0.1:" + server.actualPort() + "/");
  }

  void close() throws Exception {
    StoreTestKit.await(server.close());
  }

  /** How often something was asked whose path contains a text. */
  long count(String text) {
    return asked.stream().filter(a -> a.contains(text)).count();
  }

  /** A page of history without a successor. */
  JsonObject page(JsonObject... records) {
    return new JsonObject()
        .put("history", new JsonArray(List.of(records)))
        .put("historyId", historyId);
  }

  /** A record with one change of one message. */
  static JsonObject change(String record, String array, String id, String... labels) {
    JsonObject message = new JsonObject().put("id", id).put("threadId", id);
    JsonObject entry = new JsonObject().put("message", message);
    if (array.startsWith("labels")) {
      entry.put("labelIds", new JsonArray(List.of(labels)));
    } else if (labels.length > 0) {
      message.put("labelIds", new JsonArray(List.of(labels)));
    }
    return new JsonObject().put("id", record).put(array, new JsonArray().add(entry));
  }

  private void answer(HttpServerRequest request) {
    String path = request.path();
    asked.add(request.uri());
    String other = instead.apply(request);
    JsonObject answer;
    if (revoked) {
      reply(request, 401, error(401, "authError", "Invalid Credentials"));
      return;
    }
    if (refuse.test(request)) {
      reply(request, 400, error(400, "badRequest", "Invalid pageToken"));
      return;
    }
    if (other != null) {
      request.response().putHeader("Content-Type", "text/html").end(other);
      return;
    }
    if (path.endsWith("/profile")) {
      answer =
          new JsonObject()
              .put("emailAddress", email)
              .put("historyId", historyId)
              .put("messagesTotal", messages.size());
    } else if (path.endsWith("/history")) {
      answer = history.apply(request);
    } else if (path.endsWith("/messages")) {
      answer = list(request);
    } else if (path.endsWith("/labels")) {
      JsonArray labels = new JsonArray();
      messages.values().stream()
          .flatMap(List::stream)
          .distinct()
          .forEach(id -> labels.add(new JsonObject().put("id", id)));
      answer = new JsonObject().put("labels", labels);
    } else {
      answer = message(path.substring(path.lastIndexOf('/') + 1));
    }
    if (answer == null) {
      reply(request, 404, error(404, "notFound", "Requested entity was not found."));
    } else {
      reply(request, 200, answer);
    }
  }

  private static void reply(HttpServerRequest request, int status, JsonObject answer) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(answer.toBuffer());
  }

  private JsonObject list(HttpServerRequest request) {
    String token = request.getParam("pageToken");
    int most = Integer.parseInt(request.getParam("maxResults"));
    boolean hidden = "true".equals(request.getParam("includeSpamTrash"));
    List<String> wanted = request.params().getAll("labelIds");
    List<String> shown = new ArrayList<>();
    messages.forEach(
        (id, labels) -> {
          if ((hidden || Arrived.shownByDefault(labels)) && labels.containsAll(wanted)) {
            shown.add(id);
          }
        });
    int from = token == null ? 0 : Integer.parseInt(token);
    JsonArray page = new JsonArray();
    shown.stream()
        .skip(from)
        .limit(most)
        .forEach(id -> page.add(new JsonObject().put("id", id).put("threadId", id)));
    JsonObject answer = new JsonObject().put("messages", page);
    return from + most < shown.size()
        ? answer.put("nextPageToken", Integer.toString(from + most))
        : answer;
  }

  private JsonObject message(String id) {
    List<String> labels = messages.get(id);
    return labels == null
        ? null
        : new JsonObject()
            .put("id", id)
            .put("threadId", id)
            .put("labelIds", new JsonArray(labels))
            .put("historyId", historyId)
            .put("internalDate", "1700000000000")
            .put("sizeEstimate", 10)
            .put("snippet", id);
  }

  private static JsonObject error(int code, String reason, String message) {
    JsonArray errors =
        new JsonArray().add(new JsonObject().put("domain", "global").put("reason", reason));
    return new JsonObject()
        .put(
            "error",
            new JsonObject().put("code", code).put("message", message).put("errors", errors));
  }
}
