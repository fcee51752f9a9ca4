package io.millrace.engine;

import io.millrace.store.Batches;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a batch's time is spent on: of all chains of jobs that waited for each other, the one whose
 * runs took longest, and the job that most of what is left waits for. Pure.
 *
 * @param chain from the first job to the last
 * @param runMs what the chain's runs took together
 * @param blocker a job that has not succeeded and waits for none of the batch, on which the longest
 *     chain of jobs not done hangs; null if all is done
 */
public record CriticalPath(List<Batches.Part> chain, long runMs, Batches.Part blocker) {
  /** The most jobs of a batch that are looked at. */
  public static final int MOST_JOBS = 20_000;

  /** Of the jobs of a batch; what their parents outside of it took does not count. */
  public static CriticalPath of(List<Batches.Part> parts) {
    Map<Long, Integer> places = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      places.put(parts.get(i).id(), i);
    }
    // What waited for a job that failed waits for its successor.
    int[][] parents = new int[parts.size()][];
    int[] open = new int[parts.size()];
    List<List<Integer>> children = new ArrayList<>();
    parts.forEach(p -> children.add(new ArrayList<>()));
    for (int i = 0; i < parts.size(); i++) {
      parents[i] =
          parts.get(i).parents().stream()
              .mapToInt(id -> place(places, parts, id))
              .filter(p -> p >= 0)
              .distinct()
              .toArray();
      open[i] = parents[i].length;
      for (int p : parents[i]) {
        children.get(p).add(i);
      }
    }
    List<Integer> order = new ArrayList<>(parts.size());
    Deque<Integer> free = new ArrayDeque<>();
    for (int i = 0; i < open.length; i++) {
      if (open[i] == 0) {
        free.add(i);
      }
    }
    while (!free.isEmpty()) {
      int job = free.poll();
      order.add(job);
      children.get(job).stream().filter(c -> --open[c] == 0).forEach(free::add);
    }
    List<Batches.Part> chain = chain(parts, parents, order);
    return new CriticalPath(
        chain,
        chain.stream().mapToLong(Batches.Part::runMs).sum(),
        blocker(parts, parents, children, order));
  }

  private static int place(Map<Long, Integer> places, List<Batches.Part> parts, long id) {
    Integer at = places.get(id);
    for (int i = 0; at != null && parts.get(at).successor() != null && i < 100; i++) {
      at = places.get(parts.get(at).successor());
    }
    return at == null ? -1 : at;
  }

  private static List<Batches.Part> chain(
      List<Batches.Part> parts, int[][] parents, List<Integer> order) {
    long[] until = new long[parts.size()];
    int[] before = new int[parts.size()];
    int last = -1;
    for (int job : order) {
      before[job] = -1;
      for (int p : parents[job]) {
        if (before[job] < 0 || until[p] > until[before[job]]) {
          before[job] = p;
        }
      }
      until[job] = parts.get(job).runMs() + (before[job] < 0 ? 0 : until[before[job]]);
      last = last < 0 || until[job] >= until[last] ? job : last;
    }
    List<Batches.Part> chain = new ArrayList<>();
    for (int job = last; job >= 0; job = before[job]) {
      chain.add(parts.get(job));
    }
    Collections.reverse(chain);
    return List.copyOf(chain);
  }

  private static Batches.Part blocker(
      List<Batches.Part> parts,
      int[][] parents,
      List<List<Integer>> children,
      List<Integer> order) {
    int[] hanging = new int[parts.size()];
    int worst = -1;
    for (int i = order.size() - 1; i >= 0; i--) {
      int job = order.get(i);
      if (!unfinished(parts.get(job))) {
        continue;
      }
      hanging[job] = 1;
      for (int child : children.get(job)) {
        hanging[job] = Math.max(hanging[job], hanging[child] + 1);
      }
      boolean first = true;
      for (int p : parents[job]) {
        first &= !unfinished(parts.get(p));
      }
      if (first && (worst < 0 || hanging[job] >= hanging[worst])) {
        worst = job;
      }
    }
    return worst < 0 ? null : parts.get(worst);
  }

  /** A dead job without a successor may be what others wait for. */
  private static boolean unfinished(Batches.Part part) {
    return switch (part.state()) {
      case "completed", "skipped", "cancelled" -> false;
      default -> part.successor() == null;
    };
  }
}
