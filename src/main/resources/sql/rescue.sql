-- Takes back the runs of workers whose lease has passed and runs past their own deadline by $1
-- milliseconds of grace: kinds, attempts allowed. The attempt is spent, and kept with the job as one
-- that was lost; at the last one the job is dead. At most $4 runs at once. Answers what was taken
-- back.
with found as materialized (
  select *
    from (select j.tableoid as part, j.ctid as spot
            from job_running j left join worker w on w.id = j.worker
           where w.id is null or w.stopped_at is not null or w.expires_at < clock()
              or j.deadline + $1 * interval '1 millisecond' < clock()
           limit $4 for update of j skip locked) f
   -- As in claim.sql.
   limit 10000
), lost as (
  delete from job_running r
   where ctid = any (array(select spot from found)) and ((tableoid, ctid) in (select part, spot from found)) is true
  returning r.*
), judged as materialized (
  select l.*, (l.failures + 1)::smallint as spent, l.failures + 1 >= coalesce(a.attempts, 5) as last,
         jsonb_build_object('failure', 'lost', 'message', 'Its worker died, or it ran far past its deadline.',
                            'at', clock(), 'attempt', l.failures + 1, 'run', l.run, 'retryable', true,
                            'spent', true) as attempt
    from lost l left join unnest($2::smallint[], $3::int[]) as a(kind, attempts) using (kind)
), ready as materialized (
  select make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(spent), null)
    from judged where not last
  having count(*) > 0
), noted as (
  insert into job_progress as p (user_id, id, updated_at, attempts)
  select user_id, id, clock(), jsonb_build_array(attempt) from judged where not last
      on conflict (id, user_id) do update
     set updated_at = excluded.updated_at,
         attempts = case when jsonb_array_length(p.attempts) >= 10 then p.attempts - 0
                         else coalesce(p.attempts, '[]') end || excluded.attempts
), ended as (
  delete from job_progress p using judged j where j.last and p.id = j.id and p.user_id = j.user_id
  returning p.id, p.attempts
), dead as (
  insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error, attempts)
  select j.user_id, j.id, clock(), j.day, j.run, j.kind, j.priority, j.spent, j.ties, 'lost', j.attempt, e.attempts
    from judged j left join ended e on e.id = j.id
   where j.last
)
select id, user_id, day, case when last then ties else ties & 8::smallint end as ties, user_gate, key_gate, last,
       (select count(*) from found) as found, (select count(*) from ready) as again
  from judged
