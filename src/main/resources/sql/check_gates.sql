-- Limits of users and keys that have room although jobs stand aside for them: those come back. Looks
-- at $2 limits after number $1.
with recursive gate as (
  (select a.gate from job_aside a where a.gate > $1 order by a.gate limit 1)
  union all
  select n.gate from gate g
   cross join lateral (select a.gate from job_aside a where a.gate > g.gate order by a.gate limit 1) n
), part as materialized (
  select gate from gate limit $2
), back as materialized (
  select coalesce(release_gates(array_agg(gate), false), 0)::bigint as n from part
)
select b.n as found, b.n as repaired, null as detail,
       (select case when count(*) >= $2 then max(gate) end from part) as next
  from back b
