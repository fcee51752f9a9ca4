package io.millrace.store;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What only some jobs need. Immutable; each method answers a changed copy. Kept as JSON beside the
 * payload under the names that the SQL function {@code millrace.enqueue} takes.
 */
public final class JobOptions {
  /** None of them. */
  public static final JobOptions NONE = new JobOptions(new JsonObject());

  /** What becomes of a new job whose dedup key a live job holds. */
  public enum OnDuplicate {
    /** It is not enqueued. */
    IGNORE,
    /** The other, unless it runs already, is cancelled in its favour. */
    REPLACE,
    /** The other, unless it runs already, moves to the new one's start. */
    PUSH
  }

  /** What becomes of a child whose parent failed for good, or was cancelled. */
  public enum OnDead {
    /** It waits until a dead parent is redriven; with one that was cancelled it is cancelled. */
    HOLD,
    /** It goes on as if the parent had finished. */
    PROCEED,
    /** It is cancelled, and so are its own children by their edges. */
    CANCEL
  }

  /** The most parents that a job may have. */
  public static final int MOST_PARENTS = 10_000;

  private final JsonObject json;

  private JobOptions(JsonObject json) {
    this.json = json;
  }

  /** As they were kept. */
  static JobOptions of(JsonObject kept) {
    return kept.isEmpty() ? NONE : new JobOptions(kept.copy());
  }

  private JobOptions with(String name, Object value) {
    return new JobOptions(json.copy().put(name, value));
  }

  /** The dedup key stays taken for this long after enqueueing, even if the job ends earlier. */
  public JobOptions window(Duration window) {
    return with("window", window.toMillis() / 1000.0);
  }

  /** What to do when the dedup key is taken; {@link OnDuplicate#IGNORE} otherwise. */
  public JobOptions onDuplicate(OnDuplicate choice) {
    return with("onDuplicate", choice.name().toLowerCase(java.util.Locale.ROOT));
  }

  /** The batch that the job belongs to. */
  public JobOptions batch(long id) {
    return with("batch", id);
  }

  /** Which part of a fan-out the job is: 1 to 500 characters. */
  public JobOptions unit(String unit) {
    if (unit.isEmpty() || unit.length() > 500) {
      throw new IllegalArgumentException(
          "A unit has 1 to 500 characters, not " + unit.length() + ".");
    }
    return with("unit", unit);
  }

  /** What the job costs compared to others of its kind, 0.001 to 1,000,000; 1 otherwise. */
  public JobOptions cost(double cost) {
    if (!(cost >= 0.001 && cost <= 1_000_000)) {
      throw new IllegalArgumentException(
          "The cost of a job is between 0.001 and 1000000, not " + cost + ".");
    }
    return with("cost", cost);
  }

  /** A key whose limit holds over all jobs that name it. */
  public JobOptions limitKey(String key) {
    if (key.isEmpty() || key.length() > 200) {
      throw new IllegalArgumentException(
          "A limit key has 1 to 200 characters, not " + key.length() + ".");
    }
    return with("key", key);
  }

  /** The instant after which the job is no longer worth running. */
  public JobOptions deadline(Instant deadline) {
    return with("deadline", deadline.toEpochMilli() / 1000.0);
  }

  /** The W3C trace parent that the job's runs belong to; null changes nothing. */
  public JobOptions trace(String traceparent) {
    return traceparent == null ? this : with("trace", traceparent);
  }

  String trace() {
    return json.getString("trace");
  }

  /**
   * Jobs, by their ids, that must have finished before this one starts: 1 to {@link #MOST_PARENTS}.
   * Of a dead one that was redriven, its successor.
   */
  public JobOptions after(List<Long> parents, OnDead onDead) {
    return parents("parents", parents, onDead);
  }

  /**
   * The same for jobs that are enqueued by the same call, by their places in it, from 0; they may
   * stand before this one or behind it. Where a dedup key keeps one of them out, whoever holds the
   * key is waited for.
   */
  public JobOptions afterIndex(List<Integer> places, OnDead onDead) {
    return parents("afterIndex", places, onDead);
  }

  private JobOptions parents(String name, List<?> parents, OnDead onDead) {
    if (parents.isEmpty() || parents.size() > MOST_PARENTS) {
      throw new IllegalArgumentException(
          "A job waits for 1 to %d others, not %d.".formatted(MOST_PARENTS, parents.size()));
    }
    return with(name, new JsonArray(List.copyOf(parents)))
        .with("onDead", onDead.name().toLowerCase(java.util.Locale.ROOT));
  }

  /** The places in the same call of the jobs to wait for. */
  List<Integer> places() {
    JsonArray places = json.getJsonArray("afterIndex");
    return places == null ? List.of() : places.stream().map(p -> (Integer) p).toList();
  }

  /**
   * The job takes the place of another: that one's parents were done, and its batch may be closed.
   *
   * @param old the job's id; null for a unit of a batch that was missing
   */
  public JobOptions replacing(Long old) {
    JobOptions changed = with("replaces", old);
    changed.json.remove("parents");
    changed.json.remove("afterIndex");
    changed.json.remove("onDead");
    return changed;
  }

  /** The unit of a fan-out that the job is, or null. */
  public String unit() {
    return json.getString("unit");
  }

  /** As JSON, or null if there are none. */
  public String encode() {
    return json.isEmpty() ? null : json.encode();
  }

  /** As JSON; a copy. */
  public JsonObject toJson() {
    return json.copy();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobOptions o && json.equals(o.json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json.encode();
  }
}
