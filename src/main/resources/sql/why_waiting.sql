-- What an unfinished job waits for, one cause a row and the nearest first: user, id, up to how many
-- jobs before it are counted. No row: it is finished, dead or unknown.
with job as materialized (
  select 'waiting' as state, kind, null::bigint as rank, run_at as until, unfinished::bigint as n,
         null::bigint as gate, null::bigint as limit_key, null as why, null::integer as worker
    from job_waiting where id = $2 and user_id = $1
  union all
  select 'scheduled', kind, null, run_at, null, null, null, why, null from job_scheduled where id = $2 and user_id = $1
  union all
  select 'ready', kind, rank, null, null, null, null, null, null from job_ready where id = $2 and user_id = $1
  union all
  select 'aside', kind, rank, null, gate_max, gate, limit_key, null, null from job_aside where id = $2 and user_id = $1
  union all
  select 'running', kind, null, deadline, null, null, null, null, worker from job_running where id = $2 and user_id = $1
), facts as materialized (
  select j.*, k.name as kind_name, k.paused, q.name as queue, q.paused as queue_paused, k.max_running,
         q.max_running as queue_max
    from job j join job_kind k on k.id = j.kind join job_queue q on q.name = k.queue
)
select 1 as ord, 'running' as cause, 'worker ' || worker as detail, until, null::bigint as n
  from facts where state = 'running'
union all
select 2, 'parents', null, until, n from facts where state = 'waiting'
union all
select 3, 'schedule', why, until, null from facts where state = 'scheduled'
union all
select 4, 'paused', case when paused then 'kind ' || kind_name else 'queue ' || queue end, null, null
  from facts where (paused or queue_paused) and state <> 'running'
union all
select 5, 'no worker', 'no worker knows kind ' || kind_name, null, null
  from facts f
 where state <> 'running'
   and not exists (select from worker w
                    where w.kinds @> array[f.kind] and w.stopped_at is null and w.expires_at >= clock())
union all
select 6, case when gate = limit_key then 'key limit' else 'user limit' end, null, null, n
  from facts where state = 'aside'
union all
select 7, 'kind limit', null, null, max_running
  from facts f
 where state in ('ready', 'aside') and max_running is not null
   and (select count(*) from job_running r where r.kind = f.kind and r.limited) >= max_running
union all
select 8, 'queue limit', queue, null, queue_max
  from facts f
 where state in ('ready', 'aside') and queue_max is not null
   and (select count(*) from job_running r join job_kind k on k.id = r.kind
         where k.queue = f.queue and r.limited) >= queue_max
union all
select 9, 'rank', null, null,
       (select count(*) from (select from job_ready r where r.kind = f.kind and (r.rank, r.id) < (f.rank, $2)
                               order by r.rank, r.id limit $3) b)
  from facts f where state = 'ready'
 order by ord
