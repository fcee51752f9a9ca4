-- Kinds at whose head a job has been ready for longer than $1 milliseconds, and why. What can be done
-- is to wake the workers; the rest is for people.
with head as materialized (
  select k.*, q.paused as queue_paused, q.max_running as queue_max, h.ready_at
    from job_kind k
    join job_queue q on q.name = k.queue
   cross join lateral (select ready_at from job_ready r where r.kind = k.id order by r.rank, r.id limit 1) h
   where h.ready_at < clock() - $1 * interval '1 millisecond'
), judged as (
  select name, extract(epoch from clock() - ready_at)::bigint as seconds,
         case when paused or queue_paused then 'paused'
              when not exists (select from worker w where w.kinds @> array[h.id] and w.stopped_at is null
                                                      and w.expires_at >= clock()) then 'no worker knows it'
              when max_running <= (select count(*) from job_running r where r.kind = h.id and r.limited)
                or queue_max <= (select count(*) from job_running r join job_kind k on k.id = r.kind
                                  where k.queue = h.queue and r.limited) then 'limited'
              else 'workers are busy or asleep' end as why
    from head h
)
select count(*) as found, count(*) filter (where why like 'workers%') as repaired,
       left(string_agg(format('%s waits %s s: %s', name, seconds, why), '; ' order by seconds desc), 1000) as detail,
       null::bigint as next
  from judged
