package io.millrace.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.google.FetchPlan;
import io.millrace.google.FetchPlan.ThreadGet;
import io.millrace.google.HistoryPage;
import io.millrace.google.MessageFormat;
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
 * @param firstHistory the mailbox's history id when the run began
 * @param from where the pages of history that are being drained begin
 * @param cursor up to where history is drained; the mailbox's cursor when the run is complete
 * @param pageToken the page to ask for next, null for the first, {@link #NO_MORE} after the last;
 *     in the sweep the last id that was looked at
 * @param pending ids of the last page that are not accounted for, at most a page's
 * @param threads those of the pending ids that are to be fetched with their threads, by thread
 * @param rounds how often the listing was checked
 * @param unexplained ids that the check found though they are older than the run
 * @param pages how many pages this listing has shown
 * @param landmark the token of an earlier page of it: a listing that comes there again runs in a
 *     circle
 * @param restarts how often a listing was begun again because its page token was refused, since it
 *     last came further than before
 * @param furthest the most pages that it has shown since it first began
 * @param lane which lane is being listed, from 0
 * @param formats how much is fetched of those pending ids that no lane listed; absent for none
 * @param sweep whether history has a gap, so that what is stored and not listed is asked for
 * @param label the label whose messages are listed; null for none yet
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record SyncCheckpoint(
    long run,
    boolean full,
    Phase phase,
    String firstHistory,
    String from,
    String cursor,
    String pageToken,
    List<String> pending,
    Map<String, List<String>> threads,
    int rounds,
    int unexplained,
    int restarts,
    long pages,
    long furthest,
    String landmark,
    int lane,
    Map<String, MessageFormat> formats,
    boolean sweep,
    String label) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  SyncCheckpoint {
    // Written by a version that knew of no threads, or drained history from its beginning only.
    threads = threads == null ? Map.of() : threads;
    from = from == null ? firstHistory : from;
    formats = formats == null ? Map.of() : formats;
  }

  /** Stands for the page after the last one. */
  static final String NO_MORE = "";

  /** What a run does, in this order; the check again while it finds something. */
  enum Phase {
    /** Page by page, list and fetch. */
    LIST,
    /** Work off what has changed since the listing began. */
    HISTORY,
    /** List again, cheaply: does it show an id that is not accounted for? */
    RECOUNT,
    /** List once more, label by label: what labels has each message that is stored? */
    LABELS,
    /** Ask for what is stored and was not listed: is it still there? */
    SWEEP;

    String wireName() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Where a run begins. */
  static SyncCheckpoint first(long run, boolean full, Phase phase, String history, boolean sweep) {
    return new SyncCheckpoint(
        run, full, phase, history, history, history, null, List.of(), Map.of(), 0, 0, 0, 0, 0, null,
        0, Map.of(), sweep, null);
  }

  /**
   * The next page, and what of this one is to be fetched. The landmark moves with every page whose
   * number is a power of two, so that it falls into any circle sooner or later (Brent).
   */
  SyncCheckpoint page(String nextToken, FetchPlan wanted) {
    Draft next = new Draft(this);
    next.pageToken = nextToken;
    next.fetch(wanted);
    next.pages = pages + 1;
    if (next.pages > furthest) {
      next.furthest = next.pages;
      next.restarts = 0;
    }
    next.landmark = Long.bitCount(next.pages) == 1 ? nextToken : landmark;
    return next.done();
  }

  /** The first page of the next lane. */
  SyncCheckpoint nextLane() {
    Draft next = new Draft(this);
    next.fromTheFirst();
    next.furthest = 0;
    next.lane++;
    return next.done();
  }

  /** The first page of a label. */
  SyncCheckpoint listing(String nextLabel) {
    Draft next = new Draft(this);
    next.fromTheFirst();
    next.furthest = 0;
    next.label = nextLabel;
    return next.done();
  }

  /** The same place; so much is to be fetched of the pending ids. */
  SyncCheckpoint in(Map<String, MessageFormat> wanted) {
    Draft next = new Draft(this);
    next.formats = new LinkedHashMap<>(wanted);
    next.formats.keySet().retainAll(pending);
    return next.done();
  }

  /** How much is to be fetched of the ids that come next. */
  MessageFormat format(Lanes lanes) {
    MessageFormat listed = lanes.at(lane).format();
    return pending.isEmpty() ? listed : formats.getOrDefault(pending.get(0), listed);
  }

  /** Whether a next page's token shows that the pages lead in a circle. */
  boolean circular(String nextToken) {
    return nextToken != null && (nextToken.equals(pageToken) || nextToken.equals(landmark));
  }

  /** The next phase, from its beginning, with what of the last page is to be fetched yet. */
  SyncCheckpoint enter(Phase entered, FetchPlan wanted) {
    Draft next = new Draft(this);
    next.phase = entered;
    next.fetch(wanted);
    next.fromTheFirst();
    next.furthest = 0;
    next.lane = 0;
    next.label = null;
    if (entered == Phase.RECOUNT) {
      next.rounds++;
      next.unexplained = 0;
    }
    return next.done();
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
    Draft next = new Draft(this);
    next.threads = new LinkedHashMap<>(threads);
    next.threads.keySet().removeAll(unthreaded);
    next.threads.values().removeIf(ids -> ids.stream().anyMatch(done::contains));
    next.pending = pending.stream().filter(id -> !done.contains(id)).toList();
    if (!formats.isEmpty()) {
      next.formats = new LinkedHashMap<>(formats);
      next.formats.keySet().retainAll(next.pending);
    }
    next.unexplained += phase == Phase.RECOUNT ? foundOld : 0;
    return next.done();
  }

  /** How those pending ids are to be fetched of which as much is wanted as of the first. */
  FetchPlan plan() {
    List<ThreadGet> whole = new ArrayList<>();
    Set<String> singly = new LinkedHashSet<>(pending);
    if (!formats.isEmpty()) {
      MessageFormat first = formats.get(pending.get(0));
      singly.removeIf(id -> formats.get(id) != first);
    }
    threads.forEach(
        (thread, ids) -> {
          if (singly.containsAll(ids)) {
            whole.add(new ThreadGet(thread, ids));
            singly.removeAll(ids);
          }
        });
    return new FetchPlan(whole, List.copyOf(singly));
  }

  /** History is drained up to here; never backwards. */
  SyncCheckpoint reached(String historyId) {
    Draft next = new Draft(this);
    next.cursor = HistoryPage.later(cursor, historyId);
    return next.done();
  }

  /** Up to here history is lost: what it would have told is found otherwise. */
  SyncCheckpoint lost(String historyId) {
    Draft next = new Draft(this);
    next.cursor = historyId;
    next.sweep = true;
    return next.done();
  }

  /**
   * From the first page of this phase again; what is accounted for is skipped, and history that is
   * drained already is not asked for again.
   */
  SyncCheckpoint restarted() {
    Draft next = new Draft(this);
    next.fromTheFirst();
    next.furthest = from.equals(cursor) ? furthest : 0;
    next.from = cursor;
    next.restarts++;
    return next.done();
  }

  /** As it was kept. */
  static SyncCheckpoint parsed(String json) {
    try {
      return MAPPER.readValue(json, SyncCheckpoint.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the checkpoint cannot be read", e);
    }
  }

  /** As it is kept. */
  String json() {
    try {
      return MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the checkpoint cannot be written", e);
    }
  }

  /** A copy that is being changed. */
  private static final class Draft {
    private final SyncCheckpoint before;
    private Phase phase;
    private String from;
    private String cursor;
    private String pageToken;
    private List<String> pending;
    private Map<String, List<String>> threads;
    private int rounds;
    private int unexplained;
    private int restarts;
    private long pages;
    private long furthest;
    private String landmark;
    private int lane;
    private Map<String, MessageFormat> formats;
    private boolean sweep;
    private String label;

    Draft(SyncCheckpoint before) {
      this.before = before;
      phase = before.phase;
      from = before.from;
      cursor = before.cursor;
      pageToken = before.pageToken;
      pending = before.pending;
      threads = before.threads;
      rounds = before.rounds;
      unexplained = before.unexplained;
      restarts = before.restarts;
      pages = before.pages;
      furthest = before.furthest;
      landmark = before.landmark;
      lane = before.lane;
      formats = before.formats;
      sweep = before.sweep;
      label = before.label;
    }

    void fetch(FetchPlan plan) {
      pending = plan.ids();
      formats = Map.of();
      threads = new LinkedHashMap<>();
      plan.threads().forEach(thread -> threads.put(thread.thread(), thread.ids()));
    }

    void fromTheFirst() {
      pageToken = null;
      pages = 0;
      landmark = null;
    }

    SyncCheckpoint done() {
      return new SyncCheckpoint(
          before.run,
          before.full,
          phase,
          before.firstHistory,
          from,
          cursor,
          pageToken,
          pending,
          threads,
          rounds,
          unexplained,
          restarts,
          pages,
          furthest,
          landmark,
          lane,
          formats,
          sweep,
          label);
    }
  }
}
