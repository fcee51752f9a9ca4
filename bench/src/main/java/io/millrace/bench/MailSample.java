package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Some mail as the simulator sends it, for the benchmarks of the parts that read it.
 *
 * @param ids of the messages
 * @param contentType of the answer to one batch for all of them
 * @param batch the body of that answer
 */
@SuppressWarnings("ArrayRecordComponent") // Read only.
public record MailSample(List<String> ids, String contentType, byte[] batch) {
  private static final String USER = "gmail/v1/users/me/";

  /** Fetches messages of a generated mailbox, always the same ones. */
  public static MailSample of(String format, int count) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      SimOptions options =
          SimOptions.defaults().withProfile("unlimited").withMailboxes(1).withMessages(2 * count);
      return new Fetch(await(Simulator.start(vertx, options))).sample(format, count);
    } finally {
      await(vertx.close());
    }
  }

  /** The messages one by one, as JSON. */
  public List<JsonNode> messages() throws IOException {
    List<JsonNode> messages = new ArrayList<>();
    String text = new String(batch, StandardCharsets.UTF_8);
    int at = 0;
    while ((at = text.indexOf("\r\n\r\n{", at)) >= 0) {
      JsonNode message = Result.JSON.readTree(text.substring(at + 4));
      messages.add(message);
      at += 5;
    }
    return messages;
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get();
  }

  private record Fetch(HttpClient http, Simulator simulator) {
    Fetch(Simulator simulator) {
      this(HttpClient.newHttpClient(), simulator);
    }

    MailSample sample(String format, int count) throws Exception {
      String token = token();
      HttpRequest list = to(USER + "messages?maxResults=" + count, token).build();
      List<String> ids = new ArrayList<>();
      for (JsonNode message : Result.JSON.readTree(send(list).body()).path("messages")) {
        ids.add(message.path("id").asText());
      }
      StringBuilder parts = new StringBuilder();
      for (int i = 0; i < ids.size(); i++) {
        parts.append("--b\r\nContent-Type: application/http\r\nContent-ID: <p" + i + ">\r\n\r\n");
        parts.append("GET /" + USER + "messages/" + ids.get(i) + "?format=" + format + "\r\n\r\n");
      }
      HttpRequest batch =
          to("batch/gmail/v1", token)
              .header("Content-Type", "multipart/mixed; boundary=b")
              .POST(BodyPublishers.ofString(parts + "--b--\r\n"))
              .build();
      HttpResponse<byte[]> answer = send(batch);
      String type = answer.headers().firstValue("Content-Type").orElse("");
      return new MailSample(List.copyOf(ids), type, answer.body());
    }

    private String token() throws Exception {
      String form =
          "grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s"
              .formatted(
                  Simulator.CLIENT_ID,
                  Simulator.CLIENT_SECRET,
                  simulator.accounts().get(0).refreshToken());
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(simulator.tokenUrl()))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString(form))
              .build();
      return Result.JSON.readTree(send(request).body()).path("access_token").asText();
    }

    private HttpRequest.Builder to(String path, String token) {
      return HttpRequest.newBuilder(URI.create(simulator.rootUrl() + path))
          .header("Authorization", "Bearer " + token);
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws Exception {
      HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new BenchException("The simulator answered %d.".formatted(answer.statusCode()));
      }
      return answer;
    }
  }
}
