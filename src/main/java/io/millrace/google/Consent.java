package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An owner's consent by Google's page, wherever the browser comes back to: the page's address, and
 * what the answer is worth that it brings. Keeps nothing; runs on the caller's context.
 */
public final class Consent {
  private final GoogleSettings settings;
  private final AccountSettings accounts;
  private final TokenEndpoint endpoint;

  /**
   * @param http for the token endpoint, see {@link GoogleHttp#client}
   */
  public Consent(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      AccountSettings accounts,
      InstantSource clock) {
    this.settings = settings;
    this.accounts = accounts;
    this.endpoint = new TokenEndpoint(vertx, http, settings, accounts.serviceAccount(), clock);
  }

  /** Whether Google knows us at all: without {@code google.clientId} nobody can be asked. */
  public boolean possible() {
    return !settings.clientId().isBlank();
  }

  /** A secret that only who asks for consent knows, of 43 characters, fit for a cookie. */
  public static String secret() {
    return Pkce.random();
  }

  /**
   * Where to send the browser.
   *
   * @param email whose mailbox is wanted; empty if any will do
   * @param redirect to where Google sends it back
   * @param state comes back with it
   * @param secret of {@link #secret}, to be shown again with the code
   */
  public URI page(Optional<String> email, String redirect, String state, String secret) {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("client_id", settings.clientId());
    query.put("redirect_uri", redirect);
    query.put("response_type", "code");
    query.put("scope", Scopes.CONSENT);
    query.put("state", state);
    query.put("code_challenge", new Pkce(secret).challenge());
    query.put("code_challenge_method", "S256");
    // Only with both does Google give a refresh token to who has consented before.
    query.put("access_type", "offline");
    query.put("prompt", "consent");
    email.ifPresent(wanted -> query.put("login_hint", wanted));
    return URI.create(
        query.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&", accounts.authUrl() + "?", "")));
  }

  /**
   * What came back.
   *
   * @param email whose mailbox is wanted, as the page was asked
   * @param redirect likewise
   * @param secret likewise
   * @param error what Google says instead of a code, or null
   * @param code null or blank if none came
   * @return fails with {@link ConsentException} if the owner declines, ticks too little or is
   *     another one; with {@link GoogleException} if Google refuses the code; with {@link
   *     io.millrace.limit.BreakerWait} while the token endpoint is left alone
   */
  public Future<Consented> answer(
      Optional<String> email, String redirect, String secret, String error, String code) {
    if (error != null || code == null || code.isBlank()) {
      return Future.failedFuture(
          new ConsentException(
              "access_denied".equals(error)
                  ? "Access was declined on Google's page; nothing is stored."
                  : "Google did not ask for consent (%s)."
                      .formatted(error == null ? "no code came" : ErrorBody.clean(error, 60))));
    }
    return endpoint.exchange(code, secret, redirect).map(answer -> checked(email, answer));
  }

  private Consented checked(Optional<String> wanted, TokenAnswer answer) {
    if (!Scopes.letReadMail(answer.scope())) {
      throw new ConsentException(
          "Reading mail was not allowed: on Google's page the box beside it must be ticked. Nothing is stored.");
    }
    if (answer.refresh() == null) {
      throw new ConsentException(
          "Google gave no lasting permission; remove Millrace at https://myaccount.google.com/permissions and try again.");
    }
    String email = IdToken.email(answer.identity(), settings.clientId());
    if (wanted.isPresent() && !wanted.get().strip().toLowerCase(Locale.ROOT).equals(email)) {
      throw new ConsentException(
          "Consent is that of %s, not of %s: choose the other account on Google's page. Nothing is stored."
              .formatted(email, wanted.get()));
    }
    return new Consented(email, answer.refresh());
  }
}
