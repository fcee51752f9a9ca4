-- Takes back the runs of workers whose lease has passed and runs past their own deadline by $1
-- milliseconds of grace: kinds, attempts allowed. The attempt is spent; at the last one the job is
-- dead. At most $4 runs at once. Answers what was taken back.
with lost as (
  delete from job_running r
   where ctid = any (array(
           select j.ctid
             from job_running j left join worker w on w.id = j.worker
            where w.id is null or w.stopped_at is not null or w.expires_at < clock()
               or j.deadline + $1 * interval '1 millisecond' < clock()
            limit $4 for update of j skip locked))
  returning r.*
), judged as materialized (
  select l.*, (l.failures + 1)::smallint as spent, l.failures + 1 >= coalesce(a.attempts, 5) as last
    from lost l left join unnest($2::smallint[], $3::int[]) as a(kind, attempts) using (kind)
), ready as materialized (
  select make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(spent), null)
    from judged where not last
  having count(*) > 0
), dead as (
  insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error)
  select user_id, id, clock(), day, run, kind, priority, spent, ties, 'lost',
         jsonb_build_object('message', 'Its worker died or it overran its deadline, at every attempt.')
    from judged where last
)
select id, user_id, day, case when last then ties else ties & 8::smallint end as ties, user_gate, key_gate, last,
       (select count(*) from ready) as again
  from judged
