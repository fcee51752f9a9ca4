package io.millrace;

import io.millrace.sim.SimAccount;
import io.millrace.sim.SimException;
import io.millrace.sim.SimOptions;
import io.millrace.sim.Simulator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;

/** The simulator that a demo talks to: one of its own, or one that runs in another process. */
sealed interface GooglePeer {
  /** Its root, ending in a slash. */
  URI root();

  /** The client id and secret that its token endpoint knows. */
  JsonObject client();

  /** Its mailboxes. */
  List<SimAccount> accounts();

  /** What it has counted so far, as {@code /sim/report} gives it. */
  Future<JsonObject> report();

  /** Ends it, if it is ours. */
  Future<Void> close();

  /** Starts one in this process. */
  static Future<GooglePeer> own(Vertx vertx, SimOptions options) {
    return Simulator.start(vertx, options)
        .<GooglePeer>map(Own::new)
        .recover(e -> Future.failedFuture(e instanceof SimException ? sentence(e) : e));
  }

  private static ExitException sentence(Throwable e) {
    return new ExitException(e.getMessage());
  }

  /** Finds one that runs already. */
  static Future<GooglePeer> running(Vertx vertx, URI root) {
    HttpClient http = vertx.createHttpClient();
    return get(http, root, "sim/accounts")
        .recover(
            e ->
                Future.failedFuture(
                    new ExitException(
                        "There is no simulator at %s (%s): start one with 'millrace sim'."
                            .formatted(root, e.getMessage()))))
        .map(accounts -> new Running(http, root, accounts));
  }

  private static Future<JsonObject> get(HttpClient http, URI root, String path) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(root.resolve(path).toString());
    return http.request(options)
        .compose(request -> request.send())
        .compose(
            response ->
                response.statusCode() == 200
                    ? response.body()
                    : Future.failedFuture("it answered " + response.statusCode()))
        .map(Buffer::toJsonObject);
  }

  /** In this process. */
  record Own(Simulator simulator) implements GooglePeer {
    @Override
    public URI root() {
      return URI.create(simulator.rootUrl());
    }

    @Override
    public JsonObject client() {
      return new JsonObject()
          .put("clientId", Simulator.CLIENT_ID)
          .put("clientSecret", Simulator.CLIENT_SECRET);
    }

    @Override
    public List<SimAccount> accounts() {
      return simulator.accounts();
    }

    @Override
    public Future<JsonObject> report() {
      return Future.succeededFuture(simulator.report().toJson());
    }

    @Override
    public Future<Void> close() {
      return simulator.close();
    }
  }

  /** In another process. */
  record Running(HttpClient http, URI root, JsonObject client) implements GooglePeer {
    @Override
    public List<SimAccount> accounts() {
      return client.getJsonArray("accounts").stream()
          .map(JsonObject.class::cast)
          .map(a -> new SimAccount(a.getString("email"), a.getString("refreshToken")))
          .toList();
    }

    @Override
    public Future<JsonObject> report() {
      return get(http, root, "sim/report");
    }

    @Override
    public Future<Void> close() {
      return http.close();
    }
  }
}
