package io.millrace.sim;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One user's mailbox: the store it began with and what has changed since. Methods may be called
 * from any thread; each holds the mailbox's lock briefly.
 */
final class Mailbox {
  private final SimAccount account;
  private final long key;
  private final MailStore store;
  private final Quota.User quota;
  private final FaultPlan plan;
  private final History history;
  private final BitSet deleted = new BitSet();
  private final BitSet deletedArrivals = new BitSet();
  private final BitSet delivered = new BitSet();
  private final BitSet deliveredArrivals = new BitSet();
  private final Map<Integer, List<String>> labels = new HashMap<>();
  private final Map<Long, Integer> strikes = new HashMap<>();
  private final int mostArrivals;
  private int arrived;
  private int arrivedByFault;
  private long gets;
  private GoogleError refusal;

  Mailbox(SimAccount account, long key, MailStore store, Quota.User quota, FaultPlan plan) {
    this.account = account;
    this.key = key;
    this.store = store;
    this.quota = quota;
    this.plan = plan;
    this.mostArrivals = plan.arrivals(key);
    this.history = new History(1_000_000L + store.size() + Hash.below(Hash.mix(key), 100_000));
  }

  SimAccount account() {
    return account;
  }

  long key() {
    return key;
  }

  MailStore store() {
    return store;
  }

  Quota.User quota() {
    return quota;
  }

  FaultPlan plan() {
    return plan;
  }

  /** The index before the newest message: where a list begins. */
  synchronized int beforeNewest() {
    return -arrived - 1;
  }

  synchronized boolean exists(int index) {
    return index >= 0
        ? index < store.size() && !deleted.get(index)
        : index >= -arrived && !deletedArrivals.get(-1 - index);
  }

  synchronized List<String> labels(int index) {
    List<String> changed = labels.get(index);
    return changed != null ? changed : store.labels(index);
  }

  synchronized int messagesTotal() {
    return store.size() + arrived - deleted.cardinality() - deletedArrivals.cardinality();
  }

  synchronized long historyId() {
    return history.current();
  }

  synchronized long historyId(int index) {
    return history.of(index, store.size());
  }

  /** Events after an id, or 404 when that id has expired or is of another life. */
  synchronized List<History.Event> history(long start) {
    return history.after(start);
  }

  synchronized void expireHistory() {
    history.expire();
  }

  /** Deletes for good; false if it was not there. */
  synchronized boolean delete(int index) {
    if (!exists(index)) {
      return false;
    }
    if (index >= 0) {
      deleted.set(index);
    } else {
      deletedArrivals.set(-1 - index);
    }
    history.add(History.Kind.DELETED, index, List.of());
    return true;
  }

  /** A new message comes in; its index. */
  synchronized int arrive() {
    int index = -1 - arrived++;
    history.add(History.Kind.ADDED, index, List.of());
    return index;
  }

  synchronized void relabel(int index, List<String> now, List<String> added, List<String> gone) {
    labels.put(index, List.copyOf(now));
    if (!added.isEmpty()) {
      history.add(History.Kind.LABELED, index, List.copyOf(added));
    }
    if (!gone.isEmpty()) {
      history.add(History.Kind.UNLABELED, index, List.copyOf(gone));
    }
  }

  /** The fault that meets this attempt, or null; the next attempt may meet another. */
  synchronized FaultKind strike(FaultKind.Where where, long subject) {
    if (!plan.active()) {
      return null;
    }
    long about = Hash.of(subject, where.name().hashCode());
    int attempt = strikes.getOrDefault(about, 0);
    FaultKind kind = plan.pick(where, key, subject, attempt);
    // A client may take a second 404 for the truth.
    if (kind == null || (kind == FaultKind.TEMPORARY_404 && attempt > 0)) {
      return null;
    }
    strikes.put(about, attempt + 1);
    return kind;
  }

  /** Counts a get; true when the plan lets a new message arrive with it. */
  synchronized boolean getBringsArrival() {
    gets++;
    for (int i = arrivedByFault; i < mostArrivals; i++) {
      if (gets >= plan.arrivalAt(key, i, store.size())) {
        arrivedByFault++;
        return true;
      }
    }
    return false;
  }

  synchronized void markDelivered(int index, boolean yes) {
    if (index >= 0) {
      delivered.set(index, yes);
    } else {
      deliveredArrivals.set(-1 - index, yes);
    }
  }

  synchronized boolean wasDelivered(int index) {
    return index >= 0 ? delivered.get(index) : deliveredArrivals.get(-1 - index);
  }

  /** An error that every call gets until it is taken back with null. */
  synchronized void refuse(GoogleError error) {
    refusal = error;
  }

  synchronized GoogleError refusal() {
    return refusal;
  }
}
