-- Dedup keys whose jobs have ended and whose windows are over, at most $1: they are free. This is
-- housekeeping, nothing was wrong.
with gone as (
  delete from job_dedup
   where ctid = any (array(select ctid from job_dedup where not live and until <= clock()
                            order by until limit $1 for update skip locked))
     and not live
  returning 1
)
select 0::bigint as found, count(*) as repaired, null as detail, null::bigint as next from gone
