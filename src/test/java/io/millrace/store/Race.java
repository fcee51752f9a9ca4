package io.millrace.store;

import static io.millrace.store.StoreTestKit.VERTX;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Several claimers that race for the same jobs, and a count of what runs at once by any measure.
 * What a claimer holds the database counts too, so a count that is too high here is one there.
 */
final class Race {
  /** A job as the counts see it. */
  record Run(String kind, long user, String key) {}

  private record Measure(String name, Function<Run, Object> of, int most) {}

  private final JobsTestKit kit;
  private final List<String> kinds;
  private final List<Measure> measures = new ArrayList<>();
  private final Map<Object, Integer> held = new HashMap<>();
  private final Set<Long> ran = ConcurrentHashMap.newKeySet();
  private final List<String> wrong = new ArrayList<>();
  private final Random random = new Random(7);
  private final Map<Object, Integer> peaks = new HashMap<>();
  private long total;

  Race(JobsTestKit kit, String... kinds) {
    this.kit = kit;
    this.kinds = List.of(kinds);
  }

  /** At most so many at once of what a function makes one of; null counts nowhere. */
  Race atMost(int most, String name, Function<Run, Object> of) {
    measures.add(new Measure(name, of, most));
    return this;
  }

  static NewJob job(String kind, long user, String key) {
    NewJob job = NewJob.of(user, kind, new JsonObject().put("key", key).encode());
    return key == null ? job : job.with(JobOptions.NONE.limitKey(key));
  }

  Race enqueue(List<NewJob> jobs) throws Exception {
    await(kit.jobs.enqueue(pool(), jobs));
    total += jobs.size();
    return this;
  }

  /** Lets claimers with so many slots each run all jobs; fails if any measure was exceeded. */
  void run(int claimers, int slots) throws Exception {
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < claimers; i++) {
      Promise<Void> end = Promise.promise();
      Jobs own = new Jobs(pool(), new Kinds(pool()));
      all.add(end.future());
      look(own, slots, end);
    }
    await(Future.join(all));
    if (!wrong.isEmpty()) {
      throw new AssertionError(wrong.size() + " times too many, first " + wrong.get(0));
    }
  }

  /** The most that ran at once of one thing. */
  int peak(String name, Object of) {
    return peaks.getOrDefault(List.of(name, of), 0);
  }

  private void look(Jobs own, int slots, Promise<Void> end) {
    own.claimLimited(
            kit.worker, kinds.stream().map(k -> new Jobs.Want(k, slots, 60_000, 0)).toList())
        .compose(
            claimed -> {
              List<Run> runs = claimed.jobs().stream().map(Race::run).toList();
              begin(runs);
              return VERTX
                  .timer(1 + random.nextInt(4), TimeUnit.MILLISECONDS)
                  .compose(
                      v -> {
                        finish(runs);
                        return own.endings()
                            .settle(
                                claimed.jobs().stream()
                                    .map(c -> JobsTestKit.done(c.key()))
                                    .toList());
                      })
                  .onSuccess(v -> claimed.jobs().forEach(c -> ran.add(c.key().id())));
            })
        .onFailure(end::tryFail)
        .onSuccess(
            v -> {
              if (ran.size() == total) {
                end.complete();
              } else {
                look(own, slots, end);
              }
            });
  }

  private static Run run(ClaimedJob job) {
    return new Run(job.kind(), job.key().user(), new JsonObject(job.payload()).getString("key"));
  }

  private synchronized void begin(List<Run> runs) {
    for (Run run : runs) {
      for (Measure measure : measures) {
        Object of = measure.of().apply(run);
        if (of != null) {
          int now = held.merge(List.of(measure.name(), of), 1, Integer::sum);
          peaks.merge(List.of(measure.name(), of), now, Math::max);
          if (now > measure.most()) {
            wrong.add(measure.name() + " " + of + ": " + now);
          }
        }
      }
    }
  }

  private synchronized void finish(List<Run> runs) {
    for (Run run : runs) {
      for (Measure measure : measures) {
        Object of = measure.of().apply(run);
        if (of != null) {
          held.merge(List.of(measure.name(), of), -1, Integer::sum);
        }
      }
    }
  }
}
