-- Ends runs for good: users, ids, runs, reasons, errors. The jobs lie in job_dead until somebody
-- redrives or purges them. Answers what was buried, and what else has to be looked after.
with buried as (
  delete from job_running r
   using unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[]) as o(user_id, id, run, reason, error)
   where r.user_id = o.user_id and r.id = o.id and r.run = o.run
  returning r.*, o.reason, o.error
), progress as (
  delete from job_progress p using buried b where p.user_id = b.user_id and p.id = b.id
  returning p.id, p.user_id, p.attempts
), dead as (
  insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error, attempts)
  select b.user_id, b.id, clock(), b.day, b.run, b.kind, b.priority, b.failures + 1, b.ties, b.reason,
         b.error::jsonb, p.attempts
    from buried b left join progress p using (id, user_id)
)
select id, user_id, day, ties, user_gate, key_gate from buried
