-- Ends runs that go on later: users, ids, runs, delays in milliseconds, reasons, 1 where an attempt
-- was spent. Answers the ids that were postponed.
with postponed as (
  delete from job_running r
   using unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::int[])
         as o(user_id, id, run, delay, why, spent)
   where r.user_id = o.user_id and r.id = o.id and r.run = o.run
  returning r.user_id, r.id, r.day, r.kind, r.priority, r.keyed, r.run, r.failures + o.spent as failures, o.delay, o.why
), later as (
  insert into job_scheduled (user_id, id, day, kind, priority, keyed, run, failures, run_at, why)
  select user_id, id, day, kind, priority, keyed, run, failures, clock() + delay * interval '1 millisecond', why
    from postponed where delay > 0
), ready as (
  insert into job_ready (user_id, id, day, kind, priority, keyed, rank, run, failures)
  select user_id, id, day, kind, priority, keyed, rank_of(priority), run, failures
    from postponed where delay <= 0
)
select id from postponed
