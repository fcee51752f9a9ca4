package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;

import java.util.List;
import java.util.Map;

/** Job tables that are empty at the start, and a worker whose lease is long. */
final class JobsTestKit {
  static final String KIND = "test";
  final Jobs jobs = new Jobs(pool(), new Kinds(pool()));
  final Workers workers = new Workers(pool());
  final int worker;

  JobsTestKit() throws Exception {
    for (String table :
        List.of(
            "body",
            "waiting",
            "aside",
            "tag",
            "limit",
            "scheduled",
            "ready",
            "running",
            "progress",
            "dedup",
            "outcome",
            "dead",
            "edge",
            "cascade",
            "batch")) {
      StoreTestKit.run("truncate job_" + table);
    }
    StoreTestKit.run(
        "update job_kind set paused = false, keyed = false, queue = 'default', max_running = null,"
            + " max_per_user = null, max_per_key = null, user_group = null");
    StoreTestKit.run("update job_queue set paused = false, max_running = null");
    worker = await(workers.register("here", 1, 60_000, true));
  }

  List<Long> enqueue(NewJob... jobs) throws Exception {
    return await(this.jobs.enqueue(pool(), List.of(jobs)));
  }

  static NewJob job(long user) {
    return NewJob.of(user, KIND, "{}");
  }

  List<ClaimedJob> claim(int n) throws Exception {
    return claim(worker, n);
  }

  List<ClaimedJob> claim(int by, int n) throws Exception {
    return await(jobs.claim(by, List.of(want(KIND, n))));
  }

  static Jobs.Want want(String kind, int n) {
    return new Jobs.Want(kind, n, 60_000, Long.MIN_VALUE);
  }

  int settle(Settlement... settlements) throws Exception {
    return await(jobs.endings().settle(List.of(settlements)));
  }

  static Settlement done(RunKey key) {
    return new Settlement.Finished(key, "completed", null);
  }

  static Settlement later(RunKey key, long ms) {
    return new Settlement.Postponed(key, ms, "retry", true);
  }

  static Settlement buried(RunKey key) {
    return new Settlement.Buried(key, "test", "{}");
  }

  Endings.Rescued rescue() throws Exception {
    return await(jobs.endings().rescue(60_000, Map.of(KIND, 2)));
  }

  static String state(long id) throws Exception {
    return StoreTestKit.one(String.class, "select state from job where id = $1", id);
  }

  static long count(String table) throws Exception {
    return number("select count(*) from job_" + table);
  }
}
