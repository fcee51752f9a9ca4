package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * One row of the table of what can be asked for, and by whom.
 *
 * @param path with {@code :name} for what varies
 * @param roles who may
 * @param bodyBytes the most that a body may have; reads have none
 * @param work answers it; what it throws or fails with becomes a problem
 */
record Endpoint(
    HttpMethod method,
    String path,
    Set<Role> roles,
    int bodyBytes,
    Function<Ask, Future<Reply>> work) {
  /** Everybody who is somebody. */
  static final Set<Role> ALL = Set.copyOf(EnumSet.allOf(Role.class));

  /** Those who look after the whole. */
  static final Set<Role> STAFF = Set.of(Role.OPERATOR, Role.VIEWER);

  /** Those who may change things. */
  static final Set<Role> OPERATORS = Set.of(Role.OPERATOR);

  /** Those who may switch a mailbox: an end user only their own. */
  static final Set<Role> OWNERS = Set.of(Role.OPERATOR, Role.USER);

  private static final int SMALL = 64 * 1024;

  static Endpoint get(String path, Set<Role> roles, Function<Ask, Future<Reply>> work) {
    return new Endpoint(HttpMethod.GET, path, roles, 0, work);
  }

  static Endpoint post(String path, Set<Role> roles, Function<Ask, Future<Reply>> work) {
    return new Endpoint(HttpMethod.POST, path, roles, SMALL, work);
  }

  /** The same with a body that may be larger. */
  Endpoint upTo(int bytes) {
    return new Endpoint(method, path, roles, bytes, work);
  }

  /** The same with something that is done after it, however it went. */
  Endpoint then(Runnable after) {
    return new Endpoint(
        method, path, roles, bodyBytes, ask -> work.apply(ask).onComplete(reply -> after.run()));
  }

  boolean writes() {
    return !method.equals(HttpMethod.GET);
  }

  /** Whether this is the row of a path, whatever the method. */
  boolean isAt(String asked) {
    return asked.matches(path.replace(".", "\\.").replaceAll(":[a-z]+", "[^/]+"));
  }
}
