package io.millrace.sim;

import java.nio.file.Path;
import java.util.List;

/**
 * What to simulate. Values check themselves.
 *
 * @param port TCP port on 127.0.0.1; 0 = any free one
 * @param profile quota profile: {@code 2026-05}, {@code legacy} or {@code unlimited}
 * @param timeScale how much faster durations pass than real ones (quota minute and day, latency,
 *     token life, deadlines); above 0, at most 1000
 * @param faults {@code none}, {@code mild} or {@code harsh}
 * @param seed what ids, grants, mail and faults derive from
 * @param mailboxes number of generated mailboxes, 1 to 10,000; not used when there are mboxes
 * @param messages messages that a plain list of each generated mailbox shows, 0 to 50,000,000; spam
 *     and trash come on top, one to every 32
 * @param mboxes mbox files (mboxrd or Google Takeout, {@code .gz} too), one mailbox each; when
 *     there is any, no mailbox is generated
 * @param concurrency calls of one user that may be in flight at once, except under {@code
 *     unlimited}
 * @param unthreaded whether every generated message is a thread of its own
 * @param elsewhere the share of each user's quota that another client spends at random, 0 to 0.9
 */
public record SimOptions(
    int port,
    String profile,
    double timeScale,
    String faults,
    long seed,
    int mailboxes,
    int messages,
    List<Path> mboxes,
    int concurrency,
    boolean unthreaded,
    double elsewhere) {

  /** Checks every value. */
  public SimOptions {
    require(port >= 0 && port <= 65535, "The port must be between 0 and 65535, not " + port + ".");
    require(
        QuotaProfile.NAMES.contains(profile),
        "The quota profile must be one of " + QuotaProfile.NAMES + ", not " + profile + ".");
    require(
        timeScale > 0 && timeScale <= 1000,
        "The time scale must be above 0 and at most 1000, not " + timeScale + ".");
    require(
        FaultPlan.NAMES.contains(faults),
        "The faults must be one of " + FaultPlan.NAMES + ", not " + faults + ".");
    require(
        mailboxes >= 1 && mailboxes <= 10_000,
        "The number of mailboxes must be between 1 and 10000, not " + mailboxes + ".");
    require(
        messages >= 0 && messages <= 50_000_000,
        "The messages per mailbox must be between 0 and 50000000, not " + messages + ".");
    require(
        concurrency >= 1 && concurrency <= 10_000,
        "The concurrency of a user must be between 1 and 10000, not " + concurrency + ".");
    require(
        elsewhere >= 0 && elsewhere <= 0.9,
        "The share that is spent elsewhere must be between 0 and 0.9, not " + elsewhere + ".");
    mboxes = List.copyOf(mboxes);
  }

  /** Eight generated mailboxes of 500 messages under today's quota, without faults. */
  public static SimOptions defaults() {
    return new SimOptions(0, "2026-05", 1, "none", 1, 8, 500, List.of(), 25, false, 0);
  }

  /** A copy on another port. */
  public SimOptions withPort(int value) {
    return new SimOptions(
        value,
        profile,
        timeScale,
        faults,
        seed,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy under another quota profile. */
  public SimOptions withProfile(String value) {
    return new SimOptions(
        port,
        value,
        timeScale,
        faults,
        seed,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy whose durations are divided by another number. */
  public SimOptions withTimeScale(double value) {
    return new SimOptions(
        port,
        profile,
        value,
        faults,
        seed,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy with other faults. */
  public SimOptions withFaults(String value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        value,
        seed,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy with another seed. */
  public SimOptions withSeed(long value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        value,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy with another number of generated mailboxes. */
  public SimOptions withMailboxes(int value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        seed,
        value,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy with generated mailboxes of another size. */
  public SimOptions withMessages(int value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        seed,
        mailboxes,
        value,
        mboxes,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy that serves these mbox files instead of generated mailboxes. */
  public SimOptions withMboxes(List<Path> value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        seed,
        mailboxes,
        messages,
        value,
        concurrency,
        unthreaded,
        elsewhere);
  }

  /** A copy with another limit on the calls of one user in flight. */
  public SimOptions withConcurrency(int value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        seed,
        mailboxes,
        messages,
        mboxes,
        value,
        unthreaded,
        elsewhere);
  }

  /** A copy whose generated messages are all threads of their own, or not. */
  public SimOptions withUnthreaded(boolean value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        seed,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        value,
        elsewhere);
  }

  /** A copy in which another client spends a share of each user's quota. */
  public SimOptions withElsewhere(double value) {
    return new SimOptions(
        port,
        profile,
        timeScale,
        faults,
        seed,
        mailboxes,
        messages,
        mboxes,
        concurrency,
        unthreaded,
        value);
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
