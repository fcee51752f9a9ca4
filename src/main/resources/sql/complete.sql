-- Finishes runs: users, ids, runs, states, notes. A run that is not the current one changes nothing.
-- Answers the ids that were finished.
with finished as (
  delete from job_running r
   using unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[]) as o(user_id, id, run, state, note)
   where r.user_id = o.user_id and r.id = o.id and r.run = o.run
  returning r.user_id, r.id, r.day, r.kind, r.keyed, r.run, r.failures, r.started_at, o.state, o.note
), outcome as (
  insert into job_outcome (day, user_id, id, body_day, kind, state, run, failures, note, started_at, finished_at)
  select (clock() at time zone 'UTC')::date, user_id, id, day, kind, state, run, failures, note, started_at, clock()
    from finished
), progress as (
  delete from job_progress p using finished f where p.user_id = f.user_id and p.id = f.id
), dedup as (
  delete from job_dedup d
   using finished f join job_body b on b.day = f.day and b.id = f.id
   where f.keyed and d.user_id = f.user_id and d.dedup_key = b.dedup_key and d.id = f.id
)
select id from finished
