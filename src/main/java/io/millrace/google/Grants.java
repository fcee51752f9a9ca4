package io.millrace.google;

import io.vertx.core.Future;
import java.util.Optional;

/** Where the refresh tokens of mailboxes are kept; the store implements it. Thread-safe. */
public interface RefreshTokens {
  /**
   * The refresh token of a user, empty if none was granted or the grant is known to be dead.
   *
   * @return fails only when the store cannot be asked now
   */
  Future<Optional<String>> refreshToken(long user);

  /**
   * Reports that Google will never accept the user's refresh token again. May be called more than
   * once.
   *
   * @param reason for a person, without secrets
   */
  void dead(long user, String reason);
}
