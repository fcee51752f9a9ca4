-- Ends runs that go on later: users, ids, runs, delays in milliseconds, reasons, 1 where an attempt
-- was spent, what it cost in ordinary jobs. Answers as complete.sql does, with the runs; of the ties only the 8 of a
-- job that is cancelled meanwhile.
with found as materialized (
  select r.*, (r.failed + o.spent)::smallint as failures, o.delay, o.why, o.cost
    from unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::int[], $7::real[])
         as o(user_id, id, run, delay, why, spent, cost)
   cross join lateral (
         select tableoid as part, ctid as spot, user_id, id, limit_key, user_gate, key_gate, day, run, kind, priority,
                failures as failed, ties
           from job_running r
          where r.id = o.id and r.user_id = o.user_id and r.run = o.run
         offset 0) r
), gone as (
  delete from job_running
   where ctid = any (array(select spot from found)) and ((tableoid, ctid) in (select part, spot from found)) is true
  returning 1
), moved as materialized (
  select (select count(*) from gone) = (select count(*) from found) as whole
), later as (
  insert into job_scheduled (user_id, id, run_at, limit_key, day, run, kind, priority, failures, ties, why)
  select user_id, id, clock() + delay * interval '1 millisecond', limit_key, day, run, kind, priority, failures,
         ties, why
    from found
   where delay > 0 and (select whole from moved)
), ready as materialized (
  select make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(failures), array_agg(cost))
    from found
   where delay <= 0 and (select whole from moved)
  having count(*) > 0
)
select id, user_id, day, run, ties & 8::smallint as ties, user_gate, key_gate, true as meant,
       (select whole from moved) as gone,
       (select count(*) from ready) as again
  from found
