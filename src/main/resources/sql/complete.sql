-- Finishes runs: users, ids, runs, states, notes. A run that is not the current one changes nothing.
-- Answers what was finished, and what else has to be looked after.
with finished as (
  delete from job_running r
   using unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[]) as o(user_id, id, run, state, note)
   where r.user_id = o.user_id and r.id = o.id and r.run = o.run
  returning r.user_id, r.id, r.ready_at, r.started_at, r.user_gate, r.key_gate, r.day, r.run, r.kind, r.failures,
            r.ties, o.state, o.note
), outcome as (
  insert into job_outcome (user_id, id, xid, ready_at, started_at, finished_at, day, body_day, run, state, kind,
                           failures, note)
  select f.user_id, f.id, m.xid, f.ready_at, f.started_at, m.now, (m.now at time zone 'UTC')::date, f.day, f.run,
         f.state::job_end, f.kind, f.failures, f.note
    from finished f cross join (select clock() as now, pg_current_xact_id() as xid) m
), progress as (
  delete from job_progress p using finished f where p.user_id = f.user_id and p.id = f.id
)
select id, user_id, day, ties, user_gate, key_gate from finished
