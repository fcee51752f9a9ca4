-- Ends runs for good: users, ids, runs, reasons, errors. The jobs lie in job_dead until somebody
-- redrives or purges them. Answers as complete.sql does.
with found as materialized (
  select r.*, o.reason, o.error, p.attempts, p.spot as progress_spot
    from unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[]) as o(user_id, id, run, reason, error)
   cross join lateral (
         select tableoid as part, ctid as spot, user_id, id, user_gate, key_gate, day, run, kind, priority, failures, ties
           from job_running r
          where r.id = o.id and r.user_id = o.user_id and r.run = o.run
         offset 0) r
    left join lateral (
         select ctid as spot, attempts from job_progress p where p.id = o.id and p.user_id = o.user_id offset 0) p
         on true
), gone as (
  delete from job_running
   where ctid = any (array(select spot from found)) and ((tableoid, ctid) in (select part, spot from found)) is true
  returning 1
), moved as materialized (
  select (select count(*) from gone) = (select count(*) from found) as whole
), progress as (
  delete from job_progress where ctid = any (array(select progress_spot from found))
), dead as (
  insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error, attempts)
  select user_id, id, clock(), day, run, kind, priority, failures + 1, ties, reason, error::jsonb, attempts
    from found
   where (select whole from moved)
)
select id, user_id, day, ties, user_gate, key_gate, true as meant, (select whole from moved) as gone from found
