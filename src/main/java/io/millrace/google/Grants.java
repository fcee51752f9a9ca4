package io.millrace.google;

import io.vertx.core.Future;
import java.util.Optional;

/** Where the grants of mailboxes are kept; the store implements it. Thread-safe. */
public interface Grants {
  /**
   * The grant of a user, empty if none was ever given.
   *
   * @return fails with {@link GoogleException} if it is there and cannot be read, and otherwise
   *     only when the store cannot be asked now
   */
  Future<Optional<Grant>> grant(long user);

  /**
   * Reports that Google will never again accept a grant. One that the user gave meanwhile is left
   * as it is. May be called more than once.
   *
   * @param grant the one that was refused
   * @param reason for a person, without secrets
   */
  void dead(long user, Grant grant, String reason);
}
