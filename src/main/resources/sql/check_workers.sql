-- Workers that are gone for more than $1 milliseconds and run nothing, at most $2: nobody asks for
-- them any more. This is housekeeping, nothing was wrong.
with gone as (
  delete from worker
   where id in (select w.id from worker w
                 where coalesce(w.stopped_at, w.expires_at) < clock() - $1 * interval '1 millisecond'
                   and w.expires_at < clock()
                   -- No join: only for who is to be forgotten are the runs looked through.
                   and not (select exists (select from job_running r where r.worker = w.id))
                 limit $2)
  returning 1
)
select 0::bigint as found, count(*) as repaired, null as detail, null::bigint as next from gone
