package io.millrace.google;

import java.util.Locale;

/** How much of a message Google sends. The price in units is the same for all. */
public enum MessageFormat {
  /** Ids, labels, snippet and sizes. */
  MINIMAL,
  /** The headers as well. */
  METADATA,
  /** The bodies as well. */
  FULL;

  /** As it stands in a URL and in configuration. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
