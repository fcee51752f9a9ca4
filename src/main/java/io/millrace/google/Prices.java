package io.millrace.google;

/**
 * Units that Google charges for a call, by method. Source: Gmail API usage limits, as of 1 May
 * 2026; the older prices are in the profile {@code legacy}.
 *
 * @param profile users.getProfile
 * @param list messages.list, a page
 * @param history history.list, a page
 * @param get messages.get, any format
 * @param thread threads.get, any format, any number of messages
 * @param attachment messages.attachments.get
 */
public record Prices(int profile, int list, int history, int get, int thread, int attachment) {
  /** users.watch: the same under every profile. */
  public static final int WATCH = 100;

  /** users.stop: likewise. */
  public static final int STOP = 50;

  /** labels.list: likewise. */
  public static final int LABELS = 1;
}
