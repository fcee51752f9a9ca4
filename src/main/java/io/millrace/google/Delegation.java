package io.millrace.google;

import io.millrace.google.GoogleFailure.DeadGrant;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.time.InstantSource;

/** Finds out whether the service account may act for a mailbox. */
public final class Delegation {
  private final TokenEndpoint endpoint;

  /**
   * @param http for the token endpoint, see {@link GoogleHttp#client}
   */
  public Delegation(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      AccountSettings accounts,
      InstantSource clock) {
    this.endpoint = new TokenEndpoint(vertx, http, settings, accounts.serviceAccount(), clock);
  }

  /**
   * Asks for an access token, and drops it. Costs no quota.
   *
   * @param email of the mailbox
   * @return fails with {@link GoogleException}: {@link DeadGrant} if it may not, {@link
   *     GoogleFailure.Misconfigured} if the operator has to act first
   */
  public Future<Void> check(String email) {
    return endpoint.token(new Grant.Delegated(email)).mapEmpty();
  }
}
