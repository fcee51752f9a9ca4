package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.FetchPlan.ThreadGet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetchPlannerTest {
  private static final FetchPlanner PLANNER = new FetchPlanner(QuotaProfile.Y2026_05.prices());

  @ParameterizedTest
  @CsvSource({
    // price of a get, of a thread, messages wanted, whether the thread is taken
    "20, 40, 1, false",
    "20, 40, 2, true",
    "20, 40, 3, true",
    "5, 10, 1, false",
    "5, 10, 2, true",
    "20, 50, 2, false",
    "20, 50, 3, true",
    "20, 61, 3, false",
    "20, 20, 1, false",
    "20, 10, 1, true",
    "1, 2000000000, 500, false",
  })
  void aThreadIsTakenWhereItCostsNoMore(int get, int thread, int wanted, boolean taken) {
    FetchPlan plan = planner(get, thread).plan(thread("t", wanted), Set.of());
    assertEquals(taken ? 1 : 0, plan.threads().size());
    assertEquals(taken ? 0 : wanted, plan.gets().size());
  }

  @Test
  void aThreadThatIsPartlyHereIsNotFetchedAgain() {
    FetchPlan plan = PLANNER.plan(thread("t", 5), Set.of("t"));
    assertEquals(new FetchPlan(List.of(), ids("t", 5)), plan);
  }

  @Test
  void nothingIsPlannedForNothing() {
    assertEquals(new FetchPlan(List.of(), List.of()), PLANNER.plan(List.of(), Set.of()));
  }

  @Test
  void anIdThatIsListedTwiceIsFetchedOnce() {
    List<MessageRef> twice = new ArrayList<>(thread("t", 1));
    twice.addAll(thread("t", 1));
    assertEquals(new FetchPlan(List.of(), ids("t", 1)), PLANNER.plan(twice, Set.of()));
    twice.addAll(thread("t", 2));
    assertEquals(
        new FetchPlan(List.of(new ThreadGet("t", ids("t", 2))), List.of()),
        PLANNER.plan(twice, Set.of()));
  }

  @Property(tries = 300)
  void noOtherMixOfGetsAndThreadsIsCheaper(
      @ForAll @Size(max = 14) List<@IntRange(min = 0, max = 6) Integer> threadOfEach,
      @ForAll Set<@IntRange(min = 0, max = 6) Integer> begun,
      @ForAll @IntRange(min = 1, max = 60) int get,
      @ForAll @IntRange(min = 1, max = 200) int thread) {
    List<MessageRef> wanted = new ArrayList<>();
    for (int i = 0; i < threadOfEach.size(); i++) {
      wanted.add(new MessageRef("m" + i, "t" + threadOfEach.get(i)));
    }
    Set<String> closed = new HashSet<>();
    begun.forEach(t -> closed.add("t" + t));
    FetchPlan plan = planner(get, thread).plan(wanted, closed);

    assertEquals(wanted.size(), plan.ids().size(), "each once");
    assertEquals(new HashSet<>(wanted.stream().map(MessageRef::id).toList()), ids(plan));
    Map<String, String> threads = new TreeMap<>();
    wanted.forEach(ref -> threads.put(ref.id(), ref.threadId()));
    for (ThreadGet one : plan.threads()) {
      assertTrue(!closed.contains(one.thread()) && !one.ids().isEmpty());
      one.ids().forEach(id -> assertEquals(one.thread(), threads.get(id)));
    }
    assertEquals(
        cheapest(threads, closed, get, thread),
        plan.units(new Prices(1, 5, 2, get, thread, 20)),
        plan::toString);
  }

  private static Set<String> ids(FetchPlan plan) {
    return new HashSet<>(plan.ids());
  }

  /** Tries every set of threads. */
  private static long cheapest(
      Map<String, String> threads, Set<String> closed, int get, int thread) {
    List<String> open = new ArrayList<>(new TreeSet<>(threads.values()));
    open.removeAll(closed);
    long best = Long.MAX_VALUE;
    for (int chosen = 0; chosen < 1 << open.size(); chosen++) {
      long units = 0;
      for (String of : threads.values()) {
        int at = open.indexOf(of);
        units += at >= 0 && (chosen >> at & 1) == 1 ? 0 : get;
      }
      best = Math.min(best, units + (long) Integer.bitCount(chosen) * thread);
    }
    return best;
  }

  private static FetchPlanner planner(int get, int thread) {
    return new FetchPlanner(new Prices(1, 5, 2, get, thread, 20));
  }

  private static List<MessageRef> thread(String thread, int messages) {
    return ids(thread, messages).stream().map(id -> new MessageRef(id, thread)).toList();
  }

  private static List<String> ids(String thread, int messages) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      ids.add(thread + "-" + i);
    }
    return ids;
  }
}
