package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@link LowWater} of each kind, and what a claim says about them. Owned by the claimer. */
final class LowWaters {
  private final Map<String, LowWater> kinds = new HashMap<>();

  private LowWater of(String kind) {
    return kinds.computeIfAbsent(kind, k -> new LowWater());
  }

  /** The rank of a kind from which to look now. */
  long from(String kind, long now) {
    return of(kind).from(now);
  }

  /**
   * Takes in the answer to a claim.
   *
   * @param begun when it was asked
   * @return the kinds of which as many came as were wanted
   */
  Set<String> took(List<Jobs.Want> wants, List<ClaimedJob> claimed, long begun, long now) {
    Map<String, Integer> count = new HashMap<>();
    Map<String, Long> lowest = new HashMap<>();
    for (ClaimedJob job : claimed) {
      count.merge(job.kind(), 1, Integer::sum);
      lowest.merge(job.kind(), job.rank(), Math::min);
    }
    Set<String> full = new HashSet<>();
    for (Jobs.Want want : wants) {
      LowWater low = of(want.kind());
      low.looked(want.low(), now - begun, now);
      if (count.getOrDefault(want.kind(), 0) == want.most()) {
        low.full(lowest.get(want.kind()));
        full.add(want.kind());
      }
    }
    return full;
  }

  /** Milliseconds until a look at all of a kind is due. */
  long restMs(String kind, long now) {
    return Math.max(0, of(kind).rest(now)) / 1_000_000;
  }

  /** What was claimed may be back in its old place: the next look is at all. */
  void forget() {
    kinds.clear();
  }
}
