-- Runs that are past their own deadline and have run for more than $1 milliseconds. Whatever has not
-- ended them by now is broken; they are taken back like those of lost workers.
select count(*) as found, 0::bigint as repaired, 'job ' || min(id) as detail, null::bigint as next
  from job_running
 where deadline < clock() and started_at < clock() - $1 * interval '1 millisecond'
