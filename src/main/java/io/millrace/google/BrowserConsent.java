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
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Gets an owner's consent in a browser, as an installed application does: Google sends the browser
 * back to a port of this machine that is open for as long as that takes, with a code that is worth
 * nothing to whoever else may see it.
 *
 * <p>Nothing is stored here. Runs on the caller's context, or one of its own.
 */
public final class BrowserConsent {
  private final Vertx vertx;
  private final Consent consent;

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
    this.consent = new Consent(vertx, http, settings, accounts, clock);
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
    private final String secret = Consent.secret();
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
                show.accept(consent.page(wanted, redirect, state, secret));
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
        consent
            .answer(wanted, redirect, secret, request.getParam("error"), request.getParam("code"))
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
