package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Who the caller is, how to log out, and the description of all this. */
final class MeApi {
  private final Identity identity;
  private final boolean logins;
  private final JsonObject description;

  /**
   * @param logins whether a provider logs people in
   * @param description of the API, in OpenAPI's form
   */
  MeApi(Identity identity, boolean logins, Buffer description) {
    this.identity = identity;
    this.logins = logins;
    this.description = new JsonObject(description);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/me", Endpoint.ALL, this::me),
        Endpoint.post("/api/v1/logout", Endpoint.ALL, this::logout),
        Endpoint.get("/api/v1/openapi.json", Endpoint.ALL, this::description));
  }

  private Future<Reply> me(Ask ask) {
    ask.query().end();
    Caller caller = ask.caller();
    return Future.succeededFuture(
        Reply.of(
            new JsonObject()
                .put("name", caller.name())
                .put("role", caller.role().word())
                .put(
                    "user",
                    caller.endUser() && caller.user() != Caller.NOBODY ? caller.user() : null)
                .put("csrf", caller.session() == null ? null : Identity.csrf(caller.session()))
                .put("logins", logins)));
  }

  /** Whoever came with a token, or without anything, has no session to end. */
  private Future<Reply> logout(Ask ask) {
    ask.body().end();
    String session = ask.caller().session();
    Reply done = Reply.of(new JsonObject().put("changed", session != null));
    return session == null
        ? Future.succeededFuture(done)
        : identity
            .end(session)
            .map(
                cookie -> {
                  ask.context().response().addCookie(cookie);
                  return done;
                });
  }

  private Future<Reply> description(Ask ask) {
    ask.query().end();
    return Future.succeededFuture(Reply.tagged(description));
  }
}
