package io.millrace.google;

import java.util.List;
import java.util.Set;

/** What Millrace asks leave for, and whether what was granted is enough. Pure. */
final class Scopes {
  /** To read all of a mailbox's mail, and nothing more. */
  static final String MAIL = "https://www.googleapis.com/auth/gmail.readonly";

  /** In a browser Google is also asked whose mailbox it is. */
  static final String CONSENT = "openid email " + MAIL;

  private static final Set<String> ENOUGH =
      Set.of(MAIL, "https://www.googleapis.com/auth/gmail.modify", "https://mail.google.com/");

  /** Beside it Google refuses bodies and searches, whatever else is granted. */
  private static final String METADATA = "https://www.googleapis.com/auth/gmail.metadata";

  private Scopes() {}

  /**
   * @param granted as the token endpoint lists them, parted by blanks
   */
  static boolean letReadMail(String granted) {
    List<String> all = List.of(granted.strip().split("\\s+"));
    return all.stream().anyMatch(ENOUGH::contains) && !all.contains(METADATA);
  }
}
