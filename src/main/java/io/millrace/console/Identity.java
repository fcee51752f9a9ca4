package io.millrace.console;

import io.millrace.store.Sessions;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Tells who asks: by a bearer token whose digest is configured, or by the session of a browser. A
 * digest is compared, never a secret. Belongs to one event loop.
 */
final class Identity {
  private static final int LONGEST_TOKEN = 1_000;
  private static final int REMEMBERED = 10_000;
  private static final long REMEMBER_NS = Duration.ofSeconds(30).toNanos();

  /** A mailbox may be connected at any moment: that there is none is not true for long. */
  private static final long MISSED_NS = Duration.ofSeconds(1).toNanos();

  private final AccessSettings access;
  private final boolean secure;
  private final Sessions sessions;
  private final Function<String, Future<Optional<Long>>> owners;
  private final LongSupplier nanos;
  private final Map<String, AccessSettings.Token> tokens = new HashMap<>();
  private final Map<String, Recent<String>> emails = recent();
  private final Map<String, Recent<Long>> users = recent();
  private Consumer<String> ended = session -> {};

  /**
   * Something that was looked up a moment ago.
   *
   * @param value null if there was none
   */
  private record Recent<T>(T value, long until) {}

  /**
   * @param secure whether browsers speak TLS to the console
   * @param sessions null where nobody logs in
   * @param owners the user whose mailbox has an address
   */
  Identity(
      AccessSettings access,
      boolean secure,
      Sessions sessions,
      Function<String, Future<Optional<Long>>> owners,
      LongSupplier nanos) {
    this.access = access;
    this.secure = secure;
    this.sessions = sessions;
    this.owners = owners;
    this.nanos = nanos;
    access.tokens().forEach(token -> tokens.put(token.sha256(), token));
  }

  private static <T> Map<String, Recent<T>> recent() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Recent<T>> eldest) {
        return size() > REMEMBERED;
      }
    };
  }

  /** Whether a request shows something that says who asks. */
  static boolean claimed(HttpServerRequest request, boolean secure) {
    return request.getHeader("Authorization") != null || session(request, secure) != null;
  }

  /** Whether it can be told without a lookup who asks, or that nobody does. */
  boolean atHand(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (access.open() || authorization != null) {
      AccessSettings.Token token = access.open() ? null : token(authorization);
      return token == null || token.role() != Role.USER || fresh(users, token.account()) != null;
    }
    String session = session(request, secure);
    if (session == null || sessions == null) {
      return true;
    }
    Recent<String> email = fresh(emails, Digest.hex(session));
    return email != null
        && (email.value() == null
            || role(email.value()).filter(Role.USER::equals).isEmpty()
            || fresh(users, email.value()) != null);
  }

  /** What is still remembered; null if it has to be looked up. */
  private <T> Recent<T> fresh(Map<String, Recent<T>> remembered, String key) {
    Recent<T> known = remembered.get(key);
    return known != null && nanos.getAsLong() - known.until() < 0 ? known : null;
  }

  private <T> void remember(Map<String, Recent<T>> map, String key, Optional<T> found) {
    long until = nanos.getAsLong() + (found.isPresent() ? REMEMBER_NS : MISSED_NS);
    map.put(key, new Recent<>(found.orElse(null), until));
  }

  /** Who asks; fails with a problem if it cannot be told. */
  Future<Caller> of(HttpServerRequest request) {
    if (access.open()) {
      return Future.succeededFuture(Caller.LOCAL);
    }
    String authorization = request.getHeader("Authorization");
    if (authorization != null) {
      return bearer(authorization);
    }
    String session = session(request, secure);
    return session == null || sessions == null ? refused() : person(session);
  }

  private static <T> Future<T> refused() {
    return Future.failedFuture(Problem.of(401).exception());
  }

  private AccessSettings.Token token(String authorization) {
    boolean bearer =
        authorization.length() <= LONGEST_TOKEN
            && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
    return bearer ? tokens.get(Digest.hex(authorization.substring(7).strip())) : null;
  }

  private Future<Caller> bearer(String authorization) {
    AccessSettings.Token token = token(authorization);
    if (token == null) {
      return refused();
    }
    return token.role() == Role.USER
        ? user(token.account())
            .map(user -> new Caller(token.name(), Role.USER, user, token.account(), null))
        : Future.succeededFuture(new Caller(token.name(), token.role(), Caller.NOBODY, null, null));
  }

  private Future<Caller> person(String session) {
    String digest = Digest.hex(session);
    Recent<String> known = fresh(emails, digest);
    if (known != null) {
      return person(known.value(), session);
    }
    return sessions
        .email(Digest.of(session))
        .compose(
            email -> {
              remember(emails, digest, email);
              return person(email.orElse(null), session);
            });
  }

  private Future<Caller> person(String email, String session) {
    Optional<Role> role = email == null ? Optional.empty() : role(email);
    if (role.isEmpty()) {
      return refused();
    }
    return role.get() == Role.USER
        ? user(email).map(user -> new Caller(email, Role.USER, user, email, session))
        : Future.succeededFuture(new Caller(email, role.get(), Caller.NOBODY, null, session));
  }

  /** What somebody may do who has logged in; empty if nothing. */
  Optional<Role> role(String email) {
    return access
        .provider()
        .flatMap(
            p ->
                p.operators().contains(email)
                    ? Optional.of(Role.OPERATOR)
                    : p.viewers().contains(email)
                        ? Optional.of(Role.VIEWER)
                        : p.users() ? Optional.of(Role.USER) : Optional.empty());
  }

  /** A mailbox was connected: whose it is must not be taken for nobody any longer. */
  void connected(String email) {
    users.remove(email);
  }

  private Future<Long> user(String email) {
    Recent<Long> known = fresh(users, email);
    if (known != null) {
      return Future.succeededFuture(orNobody(known.value()));
    }
    return owners
        .apply(email.toLowerCase(Locale.ROOT))
        .map(
            found -> {
              remember(users, email, found);
              return orNobody(found.orElse(null));
            });
  }

  private static long orNobody(Long user) {
    return user == null ? Caller.NOBODY : user;
  }

  /** Begins a session for somebody who has logged in; answers what their browser has to hold. */
  Future<Cookie> begin(String email) {
    String session = Digest.random();
    return sessions
        .begin(Digest.of(session), email, access.session().toSeconds())
        .map(cookie(session, access.session().toSeconds()));
  }

  /** Tells of each session that is ended here. */
  void onEnd(Consumer<String> listener) {
    this.ended = listener;
  }

  /** Ends a session; answers what makes the browser forget it. */
  Future<Cookie> end(String session) {
    emails.remove(Digest.hex(session));
    ended.accept(session);
    return sessions.end(Digest.of(session)).map(cookie("", 0));
  }

  private Cookie cookie(String value, long seconds) {
    return Cookie.cookie(cookieName(secure), value)
        .setPath("/")
        .setHttpOnly(true)
        .setSecure(secure)
        .setSameSite(CookieSameSite.STRICT)
        .setMaxAge(seconds);
  }

  private static String cookieName(boolean secure) {
    return secure ? "__Host-millrace" : "millrace";
  }

  private static String session(HttpServerRequest request, boolean secure) {
    Cookie cookie = request.getCookie(cookieName(secure));
    String value = cookie == null ? "" : cookie.getValue();
    return value.matches("[A-Za-z0-9_-]{43}") ? value : null;
  }

  /** What a page of ours sends along with each change: no other page can know it. */
  static String csrf(String session) {
    return Digest.base64url("csrf " + session);
  }
}
