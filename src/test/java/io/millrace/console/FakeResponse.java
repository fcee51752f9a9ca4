package io.millrace.console;

import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/** A response that takes everything and remembers only whether it was ended. */
record FakeResponse(HttpServerResponse response, AtomicBoolean end) {
  static FakeResponse of() {
    AtomicBoolean end = new AtomicBoolean();
    return new FakeResponse(
        (HttpServerResponse)
            Proxy.newProxyInstance(
                HttpServerResponse.class.getClassLoader(),
                new Class<?>[] {HttpServerResponse.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("end")) {
                    end.set(true);
                  }
                  Class<?> type = method.getReturnType();
                  return type == boolean.class
                      ? (Object) false
                      : type.isInstance(proxy) ? proxy : null;
                }),
        end);
  }

  static HttpServerResponse open() {
    return of().response();
  }

  boolean ended() {
    return end.get();
  }
}
