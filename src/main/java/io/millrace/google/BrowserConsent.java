package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Gets an owner's consent in a browser, as an installed application does: Google sends the browser
 * back to a port of this machine that is open for as long as that takes, with a code that is worth
 * nothing to whoever else may see it.
 *
 * <p>Nothing is stored here. Runs on the caller's context, or one of its own.
 */
public final class BrowserConsent {
  /**
   * What an owner gave.
   *
   * @param email whose mailbox it is, in lower case, as Google says
   * @param refreshToken never shown
   */
  public record Consented(String email, String refreshToken) {
    @Override
    public String toString() {
      return "Consented[" + email + "]";
    }
  }

  private final Vertx vertx;
  private final GoogleSettings settings;
  private final AccountSettings accounts;
  private final TokenEndpoint endpoint;

  /**
   * @param http for the token endpoint, see {@link GoogleHttp#client}
   */
  public BrowserConsent(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      AccountSettings accounts,
      InstantSource clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.accounts = accounts;
    this.endpoint = new TokenEndpoint(vertx, http, settings, accounts.serviceAccount(), clock);
  }

  /**
   * Asks for consent.
   *
   * @param email whose mailbox is wanted; empty if any will do
   * @param patience for how long the port is open at the most
   * @param show is given the page's address, once
   * @return fails with {@link ConsentException} if the owner declines, ticks too little, is another
   *     one, or does not answer in time; with {@link GoogleException} if Google refuses the code
   */
  public Future<Consented> ask(Optional<String> email, Duration patience, Consumer<URI> show) {
    return new Attempt(email.map(e -> e.strip().toLowerCase(Locale.ROOT)), patience).run(show);
  }

  private final class Attempt {
    private final Optional<String> wanted;
    private final Duration patience;
    private final Pkce pkce = Pkce.fresh();
    private final String state = Pkce.random();
    private final Promise<Consented> promise = Promise.promise();
    private final HttpServer server;
    private String redirect;
    private boolean answered;

    Attempt(Optional<String> wanted, Duration patience) {
      this.wanted = wanted;
      this.patience = patience;
      this.server =
          vertx
              .createHttpServer(
                  new HttpServerOptions().setIdleTimeout(30).setHttp2ClearTextEnabled(false))
              .requestHandler(this::handle);
    }

    Future<Consented> run(Consumer<URI> show) {
      return server
          .listen(0, "127.0.0.1")
          .compose(
              bound -> {
                redirect = "http://127.0.0.1:" + bound.actualPort() + "/";
                long timer = vertx.setTimer(patience.toMillis(), id -> giveUp());
                show.accept(page());
                return promise.future().onComplete(v -> vertx.cancelTimer(timer));
              })
          .eventually(server::close);
    }

    private void giveUp() {
      promise.tryFail(
          new ConsentException(
              "Nobody consented within %d s; run the command again when the browser is at hand."
                  .formatted(patience.toSeconds())));
    }

    private URI page() {
      Map<String, String> query = new LinkedHashMap<>();
      query.put("client_id", settings.clientId());
      query.put("redirect_uri", redirect);
      query.put("response_type", "code");
      query.put("scope", Scopes.CONSENT);
      query.put("state", state);
      query.put("code_challenge", pkce.challenge());
      query.put("code_challenge_method", "S256");
      // Only with both does Google give a refresh token to who has consented before.
      query.put("access_type", "offline");
      query.put("prompt", "consent");
      wanted.ifPresent(email -> query.put("login_hint", email));
      return URI.create(
          query.entrySet().stream()
              .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
              .collect(Collectors.joining("&", accounts.authUrl() + "?", "")));
    }

    /** Whoever does not know the state is no answer to this attempt, and does not end it either. */
    private void handle(HttpServerRequest request) {
      boolean here = request.method().equals(HttpMethod.GET) && "/".equals(request.path());
      if (!here) {
        ConsentPage.NOT_HERE.answer(request);
      } else if (!same(state, request.getParam("state", ""))) {
        ConsentPage.NOT_OURS.answer(request);
      } else if (answered) {
        ConsentPage.ANSWERED.answer(request);
      } else {
        answered = true;
        outcome(request.getParam("error"), request.getParam("code", ""))
            .onComplete(
                done ->
                    // The page first: with the end of the attempt the port is closed.
                    (done.succeeded()
                            ? ConsentPage.connected(done.result().email())
                            : ConsentPage.failed(sentence(done.cause())))
                        .answer(request)
                        .onComplete(sent -> promise.handle(done)));
      }
    }

    private Future<Consented> outcome(String error, String code) {
      if (error != null || code.isBlank()) {
        return Future.failedFuture(
            new ConsentException(
                "access_denied".equals(error)
                    ? "Access was declined on Google's page; nothing is stored."
                    : "Google did not ask for consent (%s)."
                        .formatted(error == null ? "no code came" : ErrorBody.clean(error, 60))));
      }
      return endpoint.exchange(code, pkce.verifier(), redirect).map(this::checked);
    }

    private Consented checked(TokenAnswer answer) {
      if (!Scopes.letReadMail(answer.scope())) {
        throw new ConsentException(
            "Reading mail was not allowed: on Google's page the box beside it must be ticked. Nothing is stored.");
      }
      if (answer.refresh() == null) {
        throw new ConsentException(
            "Google gave no lasting permission; remove Millrace at https://myaccount.google.com/permissions and try again.");
      }
      String email = IdToken.email(answer.identity(), settings.clientId());
      if (wanted.isPresent() && !wanted.get().equals(email)) {
        throw new ConsentException(
            "Consent is that of %s, not of %s: choose the other account on Google's page. Nothing is stored."
                .formatted(email, wanted.get()));
      }
      return new Consented(email, answer.refresh());
    }
  }

  private static String sentence(Throwable e) {
    if (e instanceof GoogleException g) {
      return g.failure().sentence();
    }
    return e instanceof ConsentException ? e.getMessage() : "Something failed; see the terminal.";
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
