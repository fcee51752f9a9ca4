package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
   * @return in how many milliseconds a look at all of some kind is due that had fewer than wanted;
   *     {@link Long#MAX_VALUE} if none of them has a low water
   */
  long took(List<Jobs.Want> wants, List<ClaimedJob> claimed, long begun) {
    long now = System.nanoTime();
    Map<String, Integer> count = new HashMap<>();
    Map<String, Long> lowest = new HashMap<>();
    for (ClaimedJob job : claimed) {
      count.merge(job.kind(), 1, Integer::sum);
      lowest.merge(job.kind(), job.rank(), Math::min);
    }
    long rest = Long.MAX_VALUE;
    for (Jobs.Want want : wants) {
      LowWater low = of(want.kind());
      low.looked(want.low(), now - begun, now);
      if (count.getOrDefault(want.kind(), 0) == want.most()) {
        low.full(lowest.get(want.kind()));
      } else if (want.low() != Long.MIN_VALUE) {
        rest = Math.min(rest, Math.max(0, low.rest(now)) / 1_000_000);
      }
    }
    return rest;
  }

  /** What was claimed may be back in its old place: the next look is at all. */
  void forget() {
    kinds.clear();
  }
}
