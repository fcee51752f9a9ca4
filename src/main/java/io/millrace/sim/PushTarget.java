package io.millrace.sim;

import java.net.URI;

/**
 * A push subscription of the simulator's Pub/Sub.
 *
 * @param url where pushes are posted
 * @param audience what their tokens are made out to
 * @param serviceAccount in whose name they come
 */
public record PushTarget(URI url, String audience, String serviceAccount) {
  /** In whose name pushes come unless it is said. */
  public static final String SERVICE_ACCOUNT = "pusher@millrace-sim.iam.gserviceaccount.com";

  /** With the account and the audience that a subscription has if nothing is said: its address. */
  public static PushTarget of(URI url) {
    return new PushTarget(url, url.toString(), SERVICE_ACCOUNT);
  }
}
