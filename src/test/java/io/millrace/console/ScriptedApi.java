package io.millrace.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands for a Millrace in a state that is dear to bring about: answers what the test says. */
final class ScriptedApi implements AutoCloseable {
  /** What came. */
  record Asked(String method, String key, JsonObject body) {}

  /** One answer; a 429 may be asked anew at once. */
  record Answer(int status, JsonObject body) {
    static Answer ok(JsonObject body) {
      return new Answer(200, body);
    }

    static Answer tooMany() {
      return new Answer(429, new JsonObject().put("detail", "Too many requests."));
    }
  }

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final List<Answer> answers;

  /**
   * @param answers one after another; the last again and again
   */
  ScriptedApi(Answer... answers) throws IOException {
    this.answers = List.of(answers);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    asked.add(
        new Asked(
            exchange.getRequestMethod(),
            exchange.getRequestHeaders().getFirst("Idempotency-Key"),
            body.isEmpty() ? null : new JsonObject(body)));
    Answer answer = answers.get(Math.min(asked.size(), answers.size()) - 1);
    byte[] bytes = answer.body().encode().getBytes(UTF_8);
    if (answer.status() == 429) {
      exchange.getResponseHeaders().set("Retry-After", "0");
    }
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
