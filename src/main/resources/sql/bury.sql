-- Ends runs for good: users, ids, runs, reasons, errors. The jobs lie in job_dead until somebody
-- redrives or purges them; their dedup keys are free again. Answers the ids that were buried.
with buried as (
  delete from job_running r
   using unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[]) as o(user_id, id, run, reason, error)
   where r.user_id = o.user_id and r.id = o.id and r.run = o.run
  returning r.user_id, r.id, r.day, r.kind, r.priority, r.keyed, r.run, r.failures, o.reason, o.error
), dead as (
  insert into job_dead (user_id, id, day, kind, priority, run, failures, reason, error, dead_at)
  select user_id, id, day, kind, priority, run, failures + 1, reason, error::jsonb, clock() from buried
), dedup as (
  delete from job_dedup d
   using buried f join job_body b on b.day = f.day and b.id = f.id
   where f.keyed and d.user_id = f.user_id and d.dedup_key = b.dedup_key and d.id = f.id
)
select id from buried
