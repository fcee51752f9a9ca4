-- Ends runs that go on later: users, ids, runs, delays in milliseconds, reasons, 1 where an attempt
-- was spent, what it cost (null for an ordinary turn). Answers what was postponed.
with postponed as materialized (
  delete from job_running r
   using unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::int[], $7::real[])
         as o(user_id, id, run, delay, why, spent, cost)
   where r.user_id = o.user_id and r.id = o.id and r.run = o.run
  returning r.user_id, r.id, r.limit_key, r.user_gate, r.key_gate, r.day, r.run, r.kind, r.priority,
            (r.failures + o.spent)::smallint as failures, r.ties, o.delay, o.why, o.cost
), later as (
  insert into job_scheduled (user_id, id, run_at, limit_key, day, run, kind, priority, failures, ties, why)
  select user_id, id, clock() + delay * interval '1 millisecond', limit_key, day, run, kind, priority, failures,
         ties, why
    from postponed where delay > 0
), ready as materialized (
  select make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(failures), array_agg(cost))
    from postponed where delay <= 0
  having count(*) > 0
)
select id, user_id, day, 0::smallint as ties, user_gate, key_gate, (select count(*) from ready) as again
  from postponed
