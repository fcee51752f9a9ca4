package io.millrace.console;

import java.util.Locale;

/** What somebody may do at the console. */
public enum Role {
  /** Sees everything and may do everything. */
  OPERATOR,
  /** Sees everything and does nothing. */
  VIEWER,
  /** Sees and switches a mailbox of their own, and nothing of others. */
  USER;

  /** As it is configured and told. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
