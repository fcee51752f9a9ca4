package io.millrace.console;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;

/**
 * Logs people in: sends the browser to the provider, and begins a session when it comes back. What
 * ties the two together is held by the browser alone, in a cookie that lives for ten minutes; it is
 * sent along from the provider's page, so it cannot be as strict as that of the session.
 */
final class Login {
  private static final String CALLBACK = "/auth/callback";
  private static final int SECONDS = 600;

  private final Provider provider;
  private final Identity identity;
  private final AccessSettings access;
  private final boolean secure;
  private final Rates rates;

  Login(Provider provider, Identity identity, AccessSettings access, boolean secure) {
    this.provider = provider;
    this.identity = identity;
    this.access = access;
    this.secure = secure;
    // Who logs in asks a few times; a login also costs the provider something.
    this.rates =
        new Rates(
            Math.max(1, access.callsPerSecond() / 10),
            Math.max(1, access.allCallsPerSecond() / 10),
            System::nanoTime);
  }

  void mount(Router router) {
    router.get("/auth/login").handler(this::begin);
    router.get(CALLBACK).handler(this::back);
  }

  private boolean early(RoutingContext context) {
    int wait = rates.ask(Origins.network(Origins.of(context)));
    if (wait > 0) {
      context.response().putHeader("Retry-After", Integer.toString(wait));
      new Problem(429, "too_many_requests", "Too many logins; try again in a moment.")
          .answer(context);
    }
    return wait > 0;
  }

  private void begin(RoutingContext context) {
    if (early(context)) {
      return;
    }
    String state = Digest.random();
    String nonce = Digest.random();
    String verifier = Digest.random();
    provider
        .page(redirect(context), state, nonce, verifier)
        .onSuccess(
            page -> {
              context.response().addCookie(cookie(state + "." + nonce + "." + verifier, SECONDS));
              to(context, page);
            })
        .onFailure(e -> Failure.of(e, "a login").answer(context));
  }

  private void back(RoutingContext context) {
    if (early(context)) {
      return;
    }
    Cookie cookie = context.request().getCookie(name());
    String[] kept = cookie == null ? new String[0] : cookie.getValue().split("\\.", -1);
    String state = context.request().getParam("state", "");
    String code = context.request().getParam("code", "");
    context.response().addCookie(cookie("", 0));
    if (kept.length != 3
        || !Digest.same(kept[0], state)
        || code.isEmpty()
        || code.length() > 4_000) {
      new Problem(
              400,
              "login_failed",
              "This login was not begun here, is too old or was declined: begin anew at /auth/login.")
          .answer(context);
      return;
    }
    provider
        .email(code, redirect(context), kept[1], kept[2])
        .compose(
            email -> {
              if (identity.role(email).isEmpty()) {
                throw new Problem(
                        403, "login_refused", "You are known to the provider, but not let in here.")
                    .exception();
              }
              return identity.begin(email);
            })
        .onSuccess(
            session -> {
              context.response().addCookie(session);
              to(context, "/");
            })
        .onFailure(e -> Failure.of(e, "a login").answer(context));
  }

  private String redirect(RoutingContext context) {
    return base(access, secure, context) + CALLBACK;
  }

  /** Where browsers find this server, without a slash at the end. */
  static String base(AccessSettings access, boolean secure, RoutingContext context) {
    return access
        .url()
        .map(URI::toString)
        .orElseGet(
            () -> (secure ? "https://" : "http://") + context.request().authority().toString())
        .replaceFirst("/$", "");
  }

  private static void to(RoutingContext context, String address) {
    context
        .response()
        .setStatusCode(303)
        .putHeader("Location", address)
        .putHeader("Cache-Control", "no-store")
        .end();
  }

  private String name() {
    return secure ? "__Secure-millrace-login" : "millrace-login";
  }

  private Cookie cookie(String value, long seconds) {
    return Cookie.cookie(name(), value)
        .setPath("/auth")
        .setHttpOnly(true)
        .setSecure(secure)
        .setSameSite(CookieSameSite.LAX)
        .setMaxAge(seconds);
  }
}
