package io.millrace.console;

import io.millrace.engine.Enqueuer;
import io.millrace.google.Consent;
import io.millrace.google.ConsentException;
import io.millrace.google.Consented;
import io.millrace.google.GoogleException;
import io.millrace.google.Grant;
import io.millrace.limit.Wait;
import io.millrace.pipeline.GmailSync;
import io.millrace.pipeline.MailboxSwitch;
import io.millrace.store.Consents;
import io.millrace.store.MailboxDesk;
import io.millrace.store.Mailboxes;
import io.millrace.store.NewJob;
import io.millrace.store.Scope;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Connects mailboxes: sends a browser to Google's page of consent and, when the page brings back
 * what Google said, keeps the grant and starts the first sync.
 *
 * <p>The browser comes back without anything that says who it is, so its code is only handed to our
 * page, which sends it as the request of somebody who is known: the same who began it, in the same
 * browser, once, within ten minutes.
 */
final class ConnectApi {
  private static final String BACK = "/auth/google";
  private static final String API = "/api/v1/connections";
  private static final int SECONDS = 600;
  private static final int LONGEST = 4_000;

  private static final Problem UNKNOWN =
      new Problem(
          409,
          "consent_unknown",
          "This consent was not begun here by you, was answered already, or is too old: begin anew.");
  private static final Problem UNCONFIGURED =
      new Problem(
          409,
          "not_configured",
          "Nobody can be asked for consent, since google.clientId is not set: the operator makes an OAuth client in the Google Cloud console, under Credentials.");

  private final Consent consent;
  private final Consents begun;
  private final Mailboxes mailboxes;
  private final MailboxDesk desk = new MailboxDesk(GmailSync.DEDUP_KEY);
  private final MailboxSwitch switches;
  private final Enqueuer enqueuer;
  private final Acts acts;
  private final AccessSettings access;
  private final boolean secure;
  private final Consumer<String> connected;

  /**
   * @param connected is told the address of an owner whose mailbox is there from now on
   */
  ConnectApi(
      Consent consent,
      Mailboxes mailboxes,
      ApiParts parts,
      Acts acts,
      AccessSettings access,
      boolean secure,
      Consumer<String> connected) {
    this.consent = consent;
    this.begun = new Consents(parts.pool());
    this.mailboxes = mailboxes;
    this.switches = parts.switches();
    this.enqueuer = parts.enqueuer();
    this.acts = acts;
    this.access = access;
    this.secure = secure;
    this.connected = connected;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(API, Endpoint.OWNERS, this::begin),
        Endpoint.post(API + "/finish", Endpoint.OWNERS, this::finish));
  }

  /** Where Google sends browsers back to. */
  void mount(Router router) {
    router.get(BACK).handler(this::back);
  }

  private Future<Reply> begin(Ask ask) {
    Fields body = ask.body();
    String email = body.text("email", 320);
    if (email != null && !email.matches("[^\\s@]{1,64}@[^\\s@]{1,255}")) {
      body.wrong("email", "must be an address such as ann@example.org");
    }
    body.end();
    if (!consent.possible()) {
      throw UNCONFIGURED.exception();
    }
    Optional<String> wanted = wanted(ask.caller(), email);
    String state = Digest.random();
    String secret = Consent.secret();
    String redirect = Login.base(access, secure, ask.context()) + BACK;
    return begun
        .begin(
            Digest.of(state),
            Digest.of(secret),
            new Consents.Asked(actor(ask.caller()), wanted.orElse(null), redirect),
            SECONDS)
        .map(
            v -> {
              ask.context().response().addCookie(cookie(secret, SECONDS));
              return Reply.of(
                  new JsonObject()
                      .put("page", consent.page(wanted, redirect, state, secret).toString()));
            });
  }

  /** An end user connects their own mailbox, whatever they ask for. */
  private static Optional<String> wanted(Caller caller, String email) {
    String own = caller.endUser() ? caller.email() : email;
    return Optional.ofNullable(own).map(e -> e.strip().toLowerCase(Locale.ROOT));
  }

  private static String actor(Caller caller) {
    return caller.role().word() + " " + caller.name();
  }

  /** To our page, behind the #: what stands there is sent to no server. */
  private void back(RoutingContext context) {
    StringBuilder to = new StringBuilder("/#/mailboxes");
    char before = '?';
    for (String name : List.of("state", "code", "error")) {
      String value = context.request().getParam(name, "");
      if (!value.isEmpty() && value.length() <= LONGEST) {
        to.append(before).append(name).append('=');
        to.append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        before = '&';
      }
    }
    context
        .response()
        .setStatusCode(303)
        .putHeader("Location", to.toString())
        .putHeader("Cache-Control", "no-store")
        .end();
  }

  private Future<Reply> finish(Ask ask) {
    Fields body = ask.body();
    String state = body.required("state", body.text("state", LONGEST));
    String code = body.text("code", LONGEST);
    String error = body.text("error", LONGEST);
    body.end();
    Cookie cookie = ask.context().request().getCookie(name());
    String secret = cookie == null ? "" : cookie.getValue();
    return acts.act(
            ask,
            "mailbox.connect",
            ask.caller().endUser() ? "mailbox of " + ask.caller().email() : "a mailbox",
            new JsonObject(),
            scope ->
                begun
                    .take(Digest.of(state), Digest.of(secret), actor(ask.caller()))
                    .map(found -> found.orElseThrow(UNKNOWN::exception))
                    .compose(asked -> asked(ask.caller(), asked, secret, error, code))
                    .compose(given -> store(scope, given)),
            JsonObject.class::cast)
        .onSuccess(
            v -> {
              if (ask.caller().endUser()) {
                connected.accept(ask.caller().email());
              }
              enqueuer.wake();
            });
  }

  private Future<Consented> asked(
      Caller caller, Consents.Asked asked, String secret, String error, String code) {
    Optional<String> wanted = Optional.ofNullable(asked.email());
    if (caller.endUser() && !wanted.equals(wanted(caller, null))) {
      return Future.failedFuture(UNKNOWN.exception());
    }
    return consent
        .answer(wanted, asked.redirect(), secret, error, code)
        .recover(e -> Future.failedFuture(refused(e)));
  }

  private Future<JsonObject> store(Scope scope, Consented given) {
    return scope
        .run(
            p ->
                p.withTransaction(
                    c ->
                        mailboxes
                            .connect(c, given.email(), new Grant.Refresh(given.refreshToken()))
                            .compose(
                                user ->
                                    sync(p, c, user)
                                        .map(
                                            new JsonObject()
                                                .put("user", user)
                                                .put("email", given.email())))))
        .onSuccess(kept -> switches.forget(kept.getLong("user")));
  }

  /** One that waits for its time already starts now. */
  private Future<Void> sync(Pool transaction, SqlConnection connection, long user) {
    NewJob sync = NewJob.of(user, GmailSync.KIND, "{}").once(GmailSync.DEDUP_KEY);
    return enqueuer
        .enqueue(connection, List.of(sync))
        .compose(
            ids ->
                ids.get(0) == null
                    ? desk.hurry(transaction, user).mapEmpty()
                    : Future.succeededFuture());
  }

  private static Throwable refused(Throwable e) {
    if (e instanceof ConsentException) {
      return new Problem(409, "not_connected", e.getMessage()).exception();
    }
    if (e instanceof GoogleException g) {
      return g.failure().permanent()
          ? new Problem(409, "not_connected", g.failure().sentence()).exception()
          : new Problem(503, "google_away", g.failure().sentence()).exception();
    }
    return e instanceof Wait
        ? new Problem(503, "google_away", "Google is left alone for a moment; begin anew then.")
            .exception()
        : e;
  }

  private String name() {
    return secure ? "__Secure-millrace-connect" : "millrace-connect";
  }

  private Cookie cookie(String value, long seconds) {
    return Cookie.cookie(name(), value)
        .setPath(API)
        .setHttpOnly(true)
        .setSecure(secure)
        .setSameSite(CookieSameSite.STRICT)
        .setMaxAge(seconds);
  }
}
