package io.millrace;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * What a demo is to do, checked. Quota profile, time scale, format, port and directory are in the
 * {@link Configuration} that comes with it.
 *
 * @param mailboxes generated mailboxes, 1 to 10,000; of no account if there are mbox files
 * @param messages in each of them, 0 to 50,000,000
 * @param mboxes files that exist, one mailbox each
 * @param faults {@code none}, {@code mild} or {@code harsh}
 * @param seed what the simulator makes everything from
 * @param simulator the root of a simulator that already runs, ending in a slash, or null to start
 *     one
 * @param once whether to exit when every mailbox is in sync and no derived job remains
 * @param json whether to end with one JSON object on standard output
 */
public record DemoOptions(
    int mailboxes,
    int messages,
    List<Path> mboxes,
    String faults,
    long seed,
    URI simulator,
    boolean once,
    boolean json) {
  /** Generated mailboxes unless told otherwise. */
  public static final int MAILBOXES = 8;

  /** Messages in each unless told otherwise. */
  public static final int MESSAGES = 500;

  /** With it the default demo ends within a minute. */
  public static final double TIME_SCALE = 4;
}
