package io.millrace.console;

import io.vertx.core.json.JsonObject;

/** Puts a day of life into a database, so that screens have something to show. */
final class LifeTestKit {
  private LifeTestKit() {}

  /** What the process itself has seen: once for each kit. */
  static void live(ApiTestKit kit) {
    kit.watched.meters.called(kit.alice, 900, 9_400);
    kit.watched.meters.called(kit.bob, 300, 4_100);
    limits(kit);
  }

  /**
   * A day of samples, an hour of flow, some days of spending, mailboxes under way, and an alert.
   */
  static void fill(ApiTestKit kit) throws Exception {
    samples(kit);
    flow(kit);
    spending(kit);
    mailbox(kit, kit.alice, 210_000, 150_000);
    mailbox(kit, kit.bob, 90_000, 90_000);
    kit.watched.found("orphans", 3);
  }

  private static void mailbox(ApiTestKit kit, long user, long estimate, long stored)
      throws Exception {
    kit.run(
        """
        with run as (
          insert into sync_run (user_id, mode, first_history, estimate, listed, stored, phase)
          values ($1, 'full', 1, $2, $3, $3, case when $2 = $3 then 'complete' else 'list' end) returning run_id)
        update mailbox set full_run = run.run_id from run where user_id = $1""",
        user,
        estimate,
        stored);
    kit.run(
        """
        insert into quota_ledger (scope, key, leased_until, time_scale) values ('user', $1, clock() + interval '5 seconds', 1)
            on conflict (scope, key) do update set leased_until = excluded.leased_until""",
        user);
  }

  private static void samples(ApiTestKit kit) throws Exception {
    kit.run(
        """
        insert into health_sample (kind, at, queue, score, lost, ready, oldest_ms, done, failed, ran, run_ms, wait_ms)
        select k.kind, clock() - m * interval '10 minutes', 'default', case when m < k.bad then 72 else 100 end,
               case when m < k.bad then '[{"points": 13, "why": "18 % of 420 jobs failed for good"},
                                           {"points": 15, "why": "640 jobs are ready"}]' else '[]' end::jsonb,
               greatest(0, k.depth - 3 * m), 1200, n.done, n.done / k.fails, n.done, n.done * k.ms, n.done * 40
          from (values ('google_gmail_sync', 12, 250, 640, 900), ('normalize_google_email', 0, 4000, 30, 14),
                       ('extract_contacts', 0, 9000, 0, 9)) k(kind, bad, fails, depth, ms)
         cross join generate_series(0, 143) m
         cross join lateral (select (900 + 700 * sin(m / 23.0))::int as done) n""");
    // The last hour is dense, so that there is a forecast.
    kit.run(
        """
        insert into health_sample (kind, at, queue, score, lost, ready, oldest_ms, done, failed, ran, run_ms, wait_ms)
        select kind, at + m * interval '1 minute', queue, score, lost, greatest(0, ready - 4 * m), oldest_ms, 150, 1, 150, 9000, 700
          from health_sample cross join generate_series(1, 9) m
         where at > clock() - interval '11 minutes' and at + m * interval '1 minute' <= clock()""");
  }

  private static void flow(ApiTestKit kit) throws Exception {
    kit.run("truncate flow");
    kit.run(
        """
        insert into flow (minute, measure, what, n)
        select date_trunc('minute', clock()) - m * interval '1 minute', x.measure, x.what, x.n::bigint
          from generate_series(0, 62) m
         cross join lateral (values
           ('ids', '', 900000 - 1650 * m - 300 * sin(m / 7.0)), ('stored', '', 240000 - 1500 * m - 90 * sin(m / 9.0)),
           ('completed', 'google_gmail_sync', 90 + 30 * sin(m / 5.0)),
           ('completed', 'normalize_google_email', 760 + 240 * sin(m / 6.0)),
           ('completed', 'extract_contacts', 740 + 250 * sin((m + 2) / 6.0)),
           ('dead', 'google_gmail_sync', case when m between 12 and 25 then 18 - m / 2 else 0 end),
           ('skipped', 'google_gmail_sync', 4), ('running', 'mill-1/4711', 12 + 8 * sin(m / 4.0)),
           ('running', 'mill-2/815', 10 + 6 * cos(m / 6.0))) x(measure, what, n)""");
  }

  private static void spending(ApiTestKit kit) throws Exception {
    kit.run(
        """
        insert into usage_daily (day, user_id, kind, units, calls, bytes, tokens, jobs, dead)
        select (clock() at time zone 'UTC')::date - d, u.id, 'google_gmail_sync', u.n * (20 - d), u.n * (20 - d) / 5,
               u.n * 9000, u.n * 1200, u.n / 9, case when d = 0 then u.n / 600 else 0 end
          from generate_series(0, 9) d cross join unnest($1::bigint[], array[1400, 620]) u(id, n)
            on conflict (day, user_id, kind) do update set units = excluded.units, bytes = excluded.bytes""",
        (Object) new Long[] {kit.alice, kit.bob});
    kit.run(
        """
        insert into job_tally (day, kind, state, jobs, ran, run_ms, wait_ms)
        select (clock() at time zone 'UTC')::date, id, s.state, s.jobs, s.jobs, s.jobs * 31, s.jobs * 180
          from job_kind cross join (values ('completed', 98214), ('dead', 126)) s(state, jobs) where name = $1
            on conflict (day, kind, state) do update set jobs = excluded.jobs""",
        ApiTestKit.KIND);
  }

  private static void limits(ApiTestKit kit) {
    int[] slots = {4, 6, 9, 13, 9, 11, 13, 15};
    for (int i = 1; i < slots.length; i++) {
      boolean up = slots[i] > slots[i - 1];
      kit.watched.changed(
          "concurrency:normalize_google_email",
          slots[i - 1],
          slots[i],
          up ? "all slots were used and all went well" : "12 of 100 runs failed");
    }
    kit.watched.changed(
        "memory", 100, 50, "78 % of memory is in use (612 MiB of a heap of 784 MiB)");
    kit.watched.changed(
        "memory", 50, 100, "61 % of memory is in use (478 MiB of a heap of 784 MiB)");
    kit.watched.changed("quota:user:" + kit.alice, 100, 60, "another client spends this quota");
  }

  /** A job that fails for good after some attempts. */
  static long tried(ApiTestKit kit) throws Exception {
    long job =
        kit.post(
                "/jobs",
                new JsonObject()
                    .put("kind", ApiTestKit.KIND)
                    .put("user", kit.alice)
                    .put("payload", new JsonObject().put("n", ApiTestKit.STUBBORN)))
            .getLong("job");
    kit.until(job, "dead");
    return job;
  }
}
