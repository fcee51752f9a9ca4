-- Finishes runs: users, ids, runs, states, notes, and whether to leave alone what something hangs on
-- (ties): that needs a transaction, in which it is looked after. A run that is not the current
-- one changes nothing. Answers how many were finished and, where some may be left alone, the gates they
-- had passed and each that was left; else each that was finished. There is always a row, without an id
-- where there is none to tell of. If one of them changed meanwhile it fails, nothing is finished, and the
-- caller tries again.
with found as materialized (
  select r.*, o.state, o.note, not ($6 and r.ties <> 0) as meant
    from unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[]) as o(user_id, id, run, state, note)
   cross join lateral (
         select tableoid as part, ctid as spot, user_id, id, ready_at, started_at, user_gate, key_gate, day, run, kind, failures, ties
           from job_running r
          where r.id = o.id and r.user_id = o.user_id and r.run = o.run
         offset 0) r
), gone as (
  delete from job_running
   where ctid = any (array(select spot from found where meant))
     and ((tableoid, ctid) in (select part, spot from found where meant)) is true
  returning 1
), moved as materialized (
  select (select count(*) from gone) = (select count(*) from found where meant) as whole
), outcome as (
  insert into job_outcome (user_id, id, xid, ready_at, started_at, finished_at, day, body_day, run, state, kind,
                           failures, note)
  select f.user_id, f.id, m.xid, f.ready_at, f.started_at, m.now, m.today, f.day, f.run,
         f.state::job_end, f.kind, f.failures, f.note
    from (select now, (now at time zone 'UTC')::date as today, xid
            from (select clock() as now, pg_current_xact_id() as xid offset 0) m) m
   cross join found f
   where f.meant and (select whole from moved)
), progress as (
  delete from job_progress
   where ctid = any (array(
           select p.spot from (select * from found where meant) f
            cross join lateral (
                  select ctid as spot from job_progress p where p.id = f.id and p.user_id = f.user_id offset 0) p))
)
select f.id, f.user_id, f.day, f.ties, f.user_gate, f.key_gate, s.done, s.gone, s.gates
  from (select (select count(*) from found where meant) as done, whole or met_a_change() as gone,
               case when $6 then array(
                 select g.gate from found f cross join lateral (values (f.user_gate), (f.key_gate)) g(gate)
                  where f.meant and g.gate is not null) end as gates
          from moved) s
  left join found f on not ($6 and f.meant)
