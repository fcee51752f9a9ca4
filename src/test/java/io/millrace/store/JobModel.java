package io.millrace.store;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What the job tables should hold, in plain Java: the reference for {@link JobModelTest}. Time is
 * in ticks.
 */
final class JobModel {
  static final int ATTEMPTS = 3;
  static final int LEASE = 1;
  static final int TIMEOUT = 2;

  /** One job; its fields change. */
  static final class Job {
    final long id;
    final long user;
    final String kind;
    final String key;
    final String dedup;
    String state;
    int run;
    int failures;
    int runAt;
    int worker;
    int started;

    Job(long id, long user, String kind, String key, String dedup, String state, int runAt) {
      this.id = id;
      this.user = user;
      this.kind = kind;
      this.key = key;
      this.dedup = dedup;
      this.state = state;
      this.runAt = runAt;
    }

    boolean is(String wanted) {
      return state.equals(wanted);
    }

    boolean unbegun() {
      return is("ready") || is("scheduled");
    }

    @Override
    public String toString() {
      return id + " " + state + " run " + run + " failures " + failures;
    }
  }

  /** What an operator has set for a kind; null for no limit. */
  static final class Control {
    boolean paused;
    boolean keyed;
    Integer maxRunning;
    Integer maxPerUser;
  }

  final Map<Long, Job> jobs = new LinkedHashMap<>();
  final Map<List<Object>, Long> dedup = new HashMap<>();
  final Map<String, Control> controls = new TreeMap<>();
  final Map<String, Integer> keys = new HashMap<>();
  final Map<Integer, Integer> leases = new HashMap<>();
  int now;

  long running(Predicate<Job> which) {
    return jobs.values().stream().filter(j -> j.is("running")).filter(which).count();
  }

  boolean limited(String kind) {
    Control control = controls.get(kind);
    return control.maxRunning != null || control.maxPerUser != null || control.keyed;
  }

  /** Whether a ready job could begin now without exceeding a limit. */
  boolean mayBegin(Job job) {
    Control control = controls.get(job.kind);
    return !control.paused
        && (control.maxRunning == null
            || running(j -> j.kind.equals(job.kind)) < control.maxRunning)
        && (control.maxPerUser == null
            || running(j -> j.kind.equals(job.kind) && j.user == job.user) < control.maxPerUser)
        && (job.key == null
            || !keys.containsKey(job.key)
            || running(j -> job.key.equals(j.key)) < keys.get(job.key));
  }

  /**
   * A new job comes in.
   *
   * @return whether it should have been taken
   */
  boolean takes(long user, String dedupKey, String onDuplicate, int runAt) {
    Long held = dedupKey == null ? null : dedup.get(List.of(user, dedupKey));
    if (held == null) {
      return true;
    }
    Job other = jobs.get(held);
    if (onDuplicate.equals("replace")) {
      if (other.unbegun()) {
        other.state = "cancelled";
      }
      return true;
    }
    if (onDuplicate.equals("push") && !other.unbegun()) {
      return true;
    }
    if (onDuplicate.equals("push")) {
      other.state = "scheduled";
      other.runAt = runAt;
    }
    return false;
  }

  void add(Job job) {
    jobs.put(job.id, job);
    if (job.dedup != null) {
      dedup.put(List.of(job.user, job.dedup), job.id);
    }
  }

  void begin(Job job, int worker) {
    job.state = "running";
    job.run++;
    job.worker = worker;
    job.started = now;
  }

  void end(Job job, String state) {
    job.state = state;
    if (job.dedup != null) {
      dedup.remove(List.of(job.user, job.dedup), job.id);
    }
  }

  void postpone(Job job, int ticks, boolean spent) {
    job.failures += spent ? 1 : 0;
    job.state = ticks > 0 ? "scheduled" : "ready";
    job.runAt = now + ticks;
  }

  int promote() {
    int count = 0;
    for (Job job : jobs.values()) {
      if (job.is("scheduled") && job.runAt <= now) {
        job.state = "ready";
        count++;
      }
    }
    return count;
  }

  boolean alive(int worker) {
    return leases.containsKey(worker) && now <= leases.get(worker) + LEASE;
  }

  int rescue() {
    int count = 0;
    for (Job job : jobs.values()) {
      if (job.is("running") && (!alive(job.worker) || now > job.started + TIMEOUT)) {
        count++;
        job.failures++;
        if (job.failures >= ATTEMPTS) {
          end(job, "dead");
        } else {
          job.state = "ready";
        }
      }
    }
    return count;
  }
}
