-- Takes back the runs of workers whose lease has passed and runs past their own deadline by $1
-- milliseconds of grace: kinds, attempts allowed. The attempt is spent; at the last one the job is dead.
with lost as (
  delete from job_running r
   where ctid = any (array(
           select j.ctid
             from job_running j left join worker w on w.id = j.worker
            where w.id is null or w.stopped_at is not null or w.expires_at < clock()
               or j.deadline + $1 * interval '1 millisecond' < clock()
            limit 1000 for update of j skip locked))
  returning r.*
), judged as (
  select l.*, l.failures + 1 >= coalesce(a.attempts, 5) as last
    from lost l left join unnest($2::smallint[], $3::int[]) as a(kind, attempts) using (kind)
), ready as (
  insert into job_ready (user_id, id, day, kind, priority, keyed, rank, run, failures)
  select user_id, id, day, kind, priority, keyed, rank_of(priority), run, failures + 1 from judged where not last
), dead as (
  insert into job_dead (user_id, id, day, kind, priority, run, failures, reason, error, dead_at)
  select user_id, id, day, kind, priority, run, failures + 1, 'lost',
         jsonb_build_object('message', 'Its worker died or it overran its deadline, at every attempt.'), clock()
    from judged where last
), dedup as (
  delete from job_dedup d
   using judged f join job_body b on b.day = f.day and b.id = f.id
   where f.last and f.keyed and d.user_id = f.user_id and d.dedup_key = b.dedup_key and d.id = f.id
)
select count(*) as rescued, count(*) filter (where last) as dead from judged
