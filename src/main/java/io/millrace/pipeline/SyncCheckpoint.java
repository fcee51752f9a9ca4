package io.millrace.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.google.FetchPlan;
import io.millrace.google.FetchPlan.ThreadGet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a run over a mailbox stands, kept with every commit. Everything listed before it is
 * accounted for, except {@code pending}.
 *
 * @param run the run's number
 * @param full whether the whole mailbox is listed, not only what history tells
 * @param phase what is being done
 * @param firstHistory where the draining of history begins
 * @param cursor where it has come to; the mailbox's cursor when the run is complete
 * @param pageToken the page to ask for next, null for the first, {@link #NO_MORE} after the last
 * @param pending ids of the last page that are not accounted for, at most a page's
 * @param threads those of the pending ids that are to be fetched with their threads, by thread
 * @param rounds how often the listing was checked
 * @param unexplained ids that the check found though they are older than the run
 * @param pages how many pages this listing has shown
 * @param landmark the token of an earlier page of it: a listing that comes there again runs in a
 *     circle
 * @param restarts how often a listing was begun again because its page token was refused
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SyncCheckpoint(
    long run,
    boolean full,
    Phase phase,
    String firstHistory,
    String cursor,
    String pageToken,
    List<String> pending,
    Map<String, List<String>> threads,
    int rounds,
    int unexplained,
    int restarts,
    long pages,
    String landmark) {
  SyncCheckpoint {
    // Written by a version that knew of no threads.
    threads = threads == null ? Map.of() : threads;
  }

  /** Stands for the page after the last one. */
  static final String NO_MORE = "";

  /** What a run does, in this order; the last two again while the check finds something. */
  enum Phase {
    /** Page by page, list and fetch. */
    LIST,
    /** Work off what has changed since the listing began. */
    HISTORY,
    /** List again, cheaply: does it show an id that is not accounted for? */
    RECOUNT;

    String wireName() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Where a run begins. */
  static SyncCheckpoint first(long run, boolean full, Phase phase, String history) {
    return new SyncCheckpoint(
        run, full, phase, history, history, null, List.of(), Map.of(), 0, 0, 0, 0, null);
  }

  /**
   * The next page, and what of this one is to be fetched. The landmark moves with every page whose
   * number is a power of two, so that it falls into any circle sooner or later (Brent).
   */
  SyncCheckpoint page(String nextToken, FetchPlan wanted) {
    return new SyncCheckpoint(
        run,
        full,
        phase,
        firstHistory,
        cursor,
        nextToken,
        wanted.ids(),
        threads(wanted),
        rounds,
        unexplained,
        restarts,
        pages + 1,
        Long.bitCount(pages + 1) == 1 ? nextToken : landmark);
  }

  /** Whether a next page's token shows that the pages lead in a circle. */
  boolean circular(String nextToken) {
    return nextToken != null && (nextToken.equals(pageToken) || nextToken.equals(landmark));
  }

  /** The next phase, from its beginning, with what of the last page is to be fetched yet. */
  SyncCheckpoint enter(Phase next, FetchPlan wanted) {
    boolean check = next == Phase.RECOUNT;
    return new SyncCheckpoint(
        run,
        full,
        next,
        firstHistory,
        cursor,
        null,
        wanted.ids(),
        threads(wanted),
        check ? rounds + 1 : rounds,
        check ? 0 : unexplained,
        restarts,
        0,
        null);
  }

  /**
   * The same place with fewer ids pending. What is left of a thread that has come in part is
   * fetched singly, so that the rest does not come twice.
   *
   * @param unthreaded threads that cannot be fetched whole
   */
  SyncCheckpoint without(
      Collection<String> accounted, Collection<String> unthreaded, int foundOld) {
    Set<String> done = new HashSet<>(accounted);
    Map<String, List<String>> whole = new LinkedHashMap<>(threads);
    whole.keySet().removeAll(unthreaded);
    whole.values().removeIf(ids -> ids.stream().anyMatch(done::contains));
    return new SyncCheckpoint(
        run,
        full,
        phase,
        firstHistory,
        cursor,
        pageToken,
        pending.stream().filter(id -> !done.contains(id)).toList(),
        whole,
        rounds,
        phase == Phase.RECOUNT ? unexplained + foundOld : unexplained,
        restarts,
        pages,
        landmark);
  }

  /** How the pending ids are to be fetched. */
  FetchPlan plan() {
    List<ThreadGet> whole = new ArrayList<>();
    Set<String> singly = new LinkedHashSet<>(pending);
    threads.forEach(
        (thread, ids) -> {
          whole.add(new ThreadGet(thread, ids));
          singly.removeAll(ids);
        });
    return new FetchPlan(whole, List.copyOf(singly));
  }

  private static Map<String, List<String>> threads(FetchPlan plan) {
    Map<String, List<String>> threads = new LinkedHashMap<>();
    plan.threads().forEach(thread -> threads.put(thread.thread(), thread.ids()));
    return threads;
  }

  SyncCheckpoint reached(String historyId) {
    return new SyncCheckpoint(
        run,
        full,
        phase,
        firstHistory,
        historyId,
        pageToken,
        pending,
        threads,
        rounds,
        unexplained,
        restarts,
        pages,
        landmark);
  }

  /** From the first page of this phase again; what is accounted for is skipped. */
  SyncCheckpoint restarted() {
    return new SyncCheckpoint(
        run,
        full,
        phase,
        firstHistory,
        cursor,
        null,
        pending,
        threads,
        rounds,
        unexplained,
        restarts + 1,
        0,
        null);
  }
}
