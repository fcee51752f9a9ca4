-- Workers that are gone for more than $1 milliseconds, at most $2: nobody asks for them any more. A run
-- that one of them should still hold is lost with or without this row, and is taken back as such. This
-- is housekeeping, nothing was wrong.
with gone as (
  delete from worker
   where id in (select w.id from worker w
                 where coalesce(w.stopped_at, w.expires_at) < clock() - $1 * interval '1 millisecond'
                   and w.expires_at < clock()
                 limit $2)
  returning 1
)
select 0::bigint as found, count(*) as repaired, null as detail, null::bigint as next from gone
