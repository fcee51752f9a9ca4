-- Runs that are past their own deadline and have run for more than $1 milliseconds. Whatever has not
-- ended them by now is broken; they are taken back like those of lost workers. Looks at $3 runs after
-- id $2.
with part as materialized (
  select id, deadline, started_at from job_running where id > $2 order by id limit $3
)
select count(*) as found, 0::bigint as repaired, 'job ' || min(id) as detail,
       (select case when count(*) >= $3 then max(id) end from part) as next
  from part
 where deadline < clock() and started_at < clock() - $1 * interval '1 millisecond'
