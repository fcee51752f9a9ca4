package io.millrace.console;

/**
 * Who asks.
 *
 * @param name of the token, or the address of who logged in
 * @param user whose mailbox it may see, with {@link Role#USER} only; −1 if that is not connected
 * @param email of the mailbox that is theirs, connected or not, with {@link Role#USER} only; else
 *     null
 * @param session what the browser holds, null if it holds nothing
 */
record Caller(String name, Role role, long user, String email, String session) {
  /** There is no such user. */
  static final long NOBODY = -1;

  /** Whoever sits at this machine, where nobody has to say who they are. */
  static final Caller LOCAL = new Caller("local", Role.OPERATOR, NOBODY, null, null);

  boolean endUser() {
    return role == Role.USER;
  }
}
