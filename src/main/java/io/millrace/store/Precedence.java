package io.millrace.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/** Whether jobs of one call can all begin at some time: nobody waits in a circle. Pure. */
final class Precedence {
  private Precedence() {}

  /**
   * @param parents for each job, the places of those that it waits for
   * @throws IllegalArgumentException if there is no such place, or if jobs wait in a circle, which
   *     it names
   */
  static void check(List<List<Integer>> parents) {
    int[] unfinished = new int[parents.size()];
    List<List<Integer>> children = new ArrayList<>(parents.size());
    parents.forEach(p -> children.add(null));
    boolean any = false;
    for (int job = 0; job < parents.size(); job++) {
      for (int parent : parents.get(job)) {
        if (parent < 0 || parent >= parents.size()) {
          throw new IllegalArgumentException(
              "Job %d of the call waits for job %d; the call has jobs 0 to %d."
                  .formatted(job, parent, parents.size() - 1));
        }
        if (children.get(parent) == null) {
          children.set(parent, new ArrayList<>());
        }
        children.get(parent).add(job);
        unfinished[job]++;
        any = true;
      }
    }
    if (any) {
      finish(parents, children, unfinished);
    }
  }

  private static void finish(
      List<List<Integer>> parents, List<List<Integer>> children, int[] unfinished) {
    Deque<Integer> free = new ArrayDeque<>();
    for (int job = 0; job < unfinished.length; job++) {
      if (unfinished[job] == 0) {
        free.add(job);
      }
    }
    int begun = 0;
    while (!free.isEmpty()) {
      int job = free.poll();
      begun++;
      for (int child : children.get(job) == null ? List.<Integer>of() : children.get(job)) {
        if (--unfinished[child] == 0) {
          free.add(child);
        }
      }
    }
    if (begun < unfinished.length) {
      throw new IllegalArgumentException(
          "Jobs of the call wait for each other in a circle: " + circle(parents, unfinished) + ".");
    }
  }

  /** Whoever is unfinished waits for somebody unfinished: going from one to the next closes one. */
  private static String circle(List<List<Integer>> parents, int[] unfinished) {
    int job = 0;
    while (unfinished[job] == 0) {
      job++;
    }
    int[] seen = new int[unfinished.length];
    List<Integer> path = new ArrayList<>();
    while (seen[job] == 0) {
      path.add(job);
      seen[job] = path.size();
      job = parents.get(job).stream().filter(p -> unfinished[p] > 0).findFirst().orElseThrow();
    }
    List<Integer> circle = new ArrayList<>(path.subList(seen[job] - 1, path.size()));
    circle.add(job);
    int most = 20;
    String named =
        circle.stream().limit(most).map(String::valueOf).collect(Collectors.joining(" → "));
    return circle.size() > most ? named + " → … → " + job : named;
  }
}
