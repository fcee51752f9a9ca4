package io.millrace.sim;

/** The calls that are served, with their price in quota units before and since May 2026. */
enum ApiMethod {
  MESSAGES_LIST("messages.list", 5, 5),
  MESSAGES_GET("messages.get", 5, 20),
  ATTACHMENTS_GET("messages.attachments.get", 5, 20),
  THREADS_LIST("threads.list", 10, 10),
  THREADS_GET("threads.get", 10, 40),
  HISTORY_LIST("history.list", 2, 2),
  PROFILE_GET("getProfile", 1, 1),
  LABELS_LIST("labels.list", 1, 1),
  LABELS_GET("labels.get", 1, 1),
  WATCH("watch", 100, 100),
  STOP("stop", 50, 50);

  final String label;
  final int legacyUnits;
  final int units;

  ApiMethod(String label, int legacyUnits, int units) {
    this.label = label;
    this.legacyUnits = legacyUnits;
    this.units = units;
  }
}
