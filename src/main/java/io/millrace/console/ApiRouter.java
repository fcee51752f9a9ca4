package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes routes of the table of endpoints. */
final class ApiRouter {
  private static final long LONGEST_MS = 20_000;

  private final Guard guard;

  ApiRouter(Guard guard) {
    this.guard = guard;
  }

  void mount(Router router, List<Endpoint> endpoints) {
    endpoints.forEach(endpoint -> mount(router, endpoint));
  }

  private void mount(Router router, Endpoint endpoint) {
    route(router, endpoint).handler(c -> guard.admit(c, endpoint.roles(), endpoint.writes()));
    // A route of its own: on one route a body would be read before anybody is admitted.
    Route admitted = route(router, endpoint);
    if (endpoint.writes()) {
      admitted.handler(BodyHandler.create(false).setBodyLimit(endpoint.bodyBytes()));
    }
    admitted.handler(c -> serve(c, endpoint));
  }

  private static Route route(Router router, Endpoint endpoint) {
    Route route = router.route(endpoint.path()).method(endpoint.method());
    return endpoint.writes() ? route : route.method(HttpMethod.HEAD);
  }

  private static void serve(RoutingContext context, Endpoint endpoint) {
    String what = endpoint.method() + " " + endpoint.path();
    attempt(context, endpoint)
        .timeout(LONGEST_MS, TimeUnit.MILLISECONDS)
        .onSuccess(reply -> Answers.reply(context, reply))
        .onFailure(e -> Failure.of(e, what).answer(context));
  }

  private static Future<Reply> attempt(RoutingContext context, Endpoint endpoint) {
    try {
      return endpoint.work().apply(new Ask(context, Guard.caller(context)));
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
