-- Limits of users and keys that have room although jobs stand aside for them: those come back. Looks
-- at $2 limits after number $1.
with recursive gate as (
  (select a.gate from job_aside a where a.gate > $1 order by a.gate limit 1)
  union all
  select n.gate from gate g
   cross join lateral (select a.gate from job_aside a where a.gate > g.gate order by a.gate limit 1) n
), part as materialized (
  select gate from gate limit $2
), room as materialized (
  select p.gate from part p
   cross join lateral (select gate_max from job_aside a where a.gate = p.gate order by a.rank, a.id limit 1) a
   where a.gate_max > (select count(*) from job_running r where r.user_gate = p.gate or r.key_gate = p.gate)
)
select (select count(*) from room) as found,
       coalesce((select release_gates(array_agg(gate)) from room), 0)::bigint as repaired,
       null as detail,
       (select case when count(*) >= $2 then max(gate) end from part) as next
