package io.millrace;

import io.millrace.sim.PushTarget;
import java.nio.file.Path;
import java.util.List;

/**
 * What the simulator alone is to be, checked.
 *
 * @param port to listen on, 0 for any free one
 * @param mailboxes generated ones, 1 to 10,000; of no account if there are mbox files
 * @param messages in each of them, 0 to 50,000,000
 * @param mboxes files that exist, one mailbox each
 * @param profile {@code 2026-05}, {@code legacy} or {@code unlimited}
 * @param timeScale by how much durations are shortened, 1 to 20
 * @param faults {@code none}, {@code mild} or {@code harsh}
 * @param seed what everything is made from
 * @param unthreaded whether every generated message is a thread of its own
 * @param elsewhere the share of each user's quota that another client spends, 0 to 0.9
 * @param pushTo where changes are pushed, null for nowhere
 */
public record SimArguments(
    int port,
    int mailboxes,
    int messages,
    List<Path> mboxes,
    String profile,
    double timeScale,
    String faults,
    long seed,
    boolean unthreaded,
    double elsewhere,
    PushTarget pushTo) {}
