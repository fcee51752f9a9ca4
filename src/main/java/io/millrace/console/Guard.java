package io.millrace.console;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets in who may come in: requests that are meant for this server, from somebody who is known and
 * may make them, not too often, and changes only from our own pages. Those who are not known yet
 * have an allowance of their own, by where they come from: they use up nothing of what those have
 * who are, and a lookup is charged before it is made. Belongs to one event loop.
 */
final class Guard {
  private static final String CALLER = "caller";
  private static final long LOOKUP_MS = 3_000;
  private static final Problem FORBIDDEN =
      new Problem(403, "forbidden", "You are known, but may not do this.");
  private static final Problem FOREIGN =
      new Problem(403, "cross_site", "Changes are taken from this server's own pages only.");

  private final Identity identity;
  private final boolean secure;
  private final Rates rates;
  private final Rates strangers;
  private final Set<String> names = new HashSet<>(Set.of("localhost"));
  private final Set<String> origins = new HashSet<>();

  Guard(ConsoleSettings settings, Identity identity, boolean secure, LongSupplier nanos) {
    AccessSettings access = settings.access();
    this.identity = identity;
    this.secure = secure;
    this.rates = new Rates(access.callsPerSecond(), access.allCallsPerSecond(), nanos);
    this.strangers =
        new Rates(Math.max(1, access.callsPerSecond() / 5), access.allCallsPerSecond(), nanos);
    names.add(settings.host().toLowerCase(Locale.ROOT));
    access.names().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    access
        .url()
        .ifPresent(
            url -> {
              names.add(url.getHost().toLowerCase(Locale.ROOT));
              origins.add(origin(url));
            });
  }

  private static String origin(URI url) {
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return (url.getScheme() + "://" + url.getHost() + port).toLowerCase(Locale.ROOT);
  }

  /**
   * Refuses what was sent to a name that is not ours: a page elsewhere may have had its name point
   * here. An address cannot be bent in that way.
   */
  void host(RoutingContext context) {
    HostAndPort authority = context.request().authority();
    String name = authority == null ? "" : authority.host().toLowerCase(Locale.ROOT);
    boolean address = name.matches("[0-9.]{7,15}") || name.contains(":");
    if (address || names.contains(name)) {
      context.next();
    } else {
      new Problem(
              421,
              "wrong_host",
              "This server does not go by that name; console.url or console.names say which it has.")
          .answer(context);
    }
  }

  /** Goes on if somebody of these roles asks; the body is read only then. */
  void admit(RoutingContext context, Set<Role> roles, boolean writes) {
    HttpServerRequest request = context.request();
    String network = Origins.network(Origins.of(context));
    boolean charged = !identity.atHand(request);
    int early = charged ? strangers.ask(network) : 0;
    if (early > 0) {
      putOff(context, early);
      return;
    }
    request.pause();
    identity
        .of(request)
        .timeout(LOOKUP_MS, TimeUnit.MILLISECONDS)
        .onComplete(
            told -> {
              request.resume();
              if (told.failed()) {
                refuse(context, told.cause(), network, charged);
                return;
              }
              admit(context, told.result(), roles, writes);
            });
  }

  /** Guessing is slow: who shows many wrong tokens is told to wait, and has learnt nothing. */
  private void refuse(RoutingContext context, Throwable cause, String network, boolean charged) {
    Problem problem = Failure.of(cause, "a login");
    boolean guess = problem.status() == 401 && Identity.claimed(context.request(), secure);
    int early =
        Math.max(guess ? strangers.barred(network) : 0, charged ? 0 : strangers.ask(network));
    if (guess) {
      strangers.wrong(network);
    }
    if (early > 0) {
      putOff(context, early);
    } else {
      problem.answer(context);
    }
  }

  private void admit(RoutingContext context, Caller caller, Set<Role> roles, boolean writes) {
    int early = rates.ask(caller.role() + " " + caller.name());
    if (early > 0) {
      putOff(context, early);
    } else if (!roles.contains(caller.role())) {
      FORBIDDEN.answer(context);
    } else if (writes && !ours(context.request(), caller)) {
      FOREIGN.answer(context);
    } else {
      context.put(CALLER, caller);
      context.next();
    }
  }

  /** A page elsewhere can make a browser send its cookies, but not say that it is one of ours. */
  private boolean ours(HttpServerRequest request, Caller caller) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return false;
    }
    String origin = request.getHeader("Origin");
    if (origin != null) {
      String own = (request.isSSL() ? "https://" : "http://") + request.authority();
      String lower = origin.toLowerCase(Locale.ROOT);
      if (!lower.equals(own.toLowerCase(Locale.ROOT)) && !origins.contains(lower)) {
        return false;
      }
    }
    String token = request.getHeader("X-CSRF-Token");
    return caller.session() == null
        || (token != null && Digest.same(token, Identity.csrf(caller.session())));
  }

  private static void putOff(RoutingContext context, int seconds) {
    context.response().putHeader("Retry-After", Integer.toString(seconds));
    new Problem(
            429, "too_many_requests", "Too many requests; ask again in %d s.".formatted(seconds))
        .answer(context);
  }

  /** Who asks, once admitted. */
  static Caller caller(RoutingContext context) {
    return context.get(CALLER);
  }
}
