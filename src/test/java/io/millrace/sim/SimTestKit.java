package io.millrace.sim;

import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.gmail.Gmail;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;

/** A running simulator and Google's own client for it. Closed by the test. */
final class SimTestKit implements AutoCloseable {
  static final HttpClient HTTP = HttpClient.newHttpClient();

  final Vertx vertx = Vertx.vertx();
  final Simulator simulator;

  SimTestKit(SimOptions options) {
    this(options, SimClock.system(options.timeScale()));
  }

  SimTestKit(SimOptions options, SimClock clock) {
    this.simulator = await(Simulator.start(vertx, options, clock));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e);
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Google's client for the n-th mailbox, with an access token of its own. */
  Gmail client(int mailbox) {
    String token = accessToken(mailbox);
    HttpRequestInitializer authorize =
        request -> request.getHeaders().setAuthorization("Bearer " + token);
    return new Gmail.Builder(new NetHttpTransport(), GsonFactory.getDefaultInstance(), authorize)
        .setRootUrl(simulator.rootUrl())
        .setApplicationName("test")
        .build();
  }

  String accessToken(int mailbox) {
    SimAccount account = simulator.accounts().get(mailbox);
    JsonObject answer = new JsonObject(token(account.refreshToken()).body());
    return answer.getString("access_token");
  }

  HttpResponse<String> token(String refreshToken) {
    String form =
        "grant_type=refresh_token&client_id="
            + Simulator.CLIENT_ID
            + "&client_secret="
            + Simulator.CLIENT_SECRET
            + "&refresh_token="
            + java.net.URLEncoder.encode(refreshToken, java.nio.charset.StandardCharsets.UTF_8);
    return post("token", form, "application/x-www-form-urlencoded");
  }

  HttpResponse<String> post(String path, String body, String contentType) {
    return send(
        HttpRequest.newBuilder(URI.create(simulator.rootUrl() + path))
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  JsonObject order(String path, JsonObject order) {
    return new JsonObject(post("sim/" + path, order.encode(), "application/json").body());
  }

  HttpResponse<String> get(String path, String token) {
    return send(
        HttpRequest.newBuilder(URI.create(simulator.rootUrl() + path))
            .header("Authorization", "Bearer " + token)
            .build());
  }

  static HttpResponse<String> send(HttpRequest request) {
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  String email(int mailbox) {
    return simulator.accounts().get(mailbox).email();
  }

  @Override
  public void close() {
    await(simulator.close());
    await(vertx.close());
  }
}
