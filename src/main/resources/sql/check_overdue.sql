-- Scheduled jobs that should have become ready more than $1 milliseconds ago, of the first $2: their
-- wake-up was lost, or nobody looks for work.
select count(*) as found, 0::bigint as repaired,
       'since ' || max(extract(epoch from clock() - run_at))::bigint || ' s' as detail, null::bigint as next
  from (select run_at from job_scheduled
         where run_at < clock() - $1 * interval '1 millisecond' order by run_at limit $2) d
