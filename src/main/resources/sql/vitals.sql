-- How each kind of job stands: at most how many ready jobs of a kind are counted, at most how many of
-- anything else, the day from which ends are summed. What is first by rank has mostly waited longest,
-- so the hundred first tell how old the oldest is.
with kinds as materialized (
  select k.id, k.name, k.queue, k.paused or q.paused as paused
    from job_kind k join job_queue q on q.name = k.queue
   order by k.id limit 200
), running as materialized (
  select kind, count(*) as n from (select kind from job_running limit $2) r group by kind
), scheduled as materialized (
  select kind, count(*) as n from (select kind from job_scheduled limit $2) s group by kind
), waiting as materialized (
  select kind, count(*) as n from (select kind from job_waiting limit $2) w group by kind
), aside as materialized (
  select kind, count(*) as n from (select kind from job_aside limit $2) a group by kind
), ended as materialized (
  select kind, coalesce(sum(jobs) filter (where state in ('completed', 'skipped')), 0) as done,
         coalesce(sum(jobs) filter (where state = 'dead'), 0) as failed,
         sum(ran) as ran, sum(run_ms) as run_ms, sum(wait_ms) as wait_ms
    from job_tally where day >= $3 group by kind
)
select k.name, k.queue, k.paused,
       (select count(*) from (select from job_ready r where r.kind = k.id limit $1) r)
         + coalesce(a.n, 0) as ready,
       (select extract(epoch from clock() - min(h.ready_at))::float8 * 1000
          from (select ready_at from job_ready r where r.kind = k.id order by r.rank, r.id limit 100) h) as oldest_ms,
       coalesce(r.n, 0) as running, coalesce(s.n, 0) as scheduled, coalesce(w.n, 0) as waiting,
       (select count(*) from (select from job_dead d where d.kind = k.id and d.redriven_at is null limit $2) d) as dead,
       (select count(*) from (select from job_dead d
                               where d.kind = k.id and d.dead_at > clock() - interval '1 hour' limit $2) d) as dead_lately,
       coalesce(e.done, 0)::bigint as done, coalesce(e.failed, 0)::bigint as failed, coalesce(e.ran, 0)::bigint as ran,
       coalesce(e.run_ms, 0)::bigint as run_ms, coalesce(e.wait_ms, 0)::bigint as wait_ms
  from kinds k
  left join running r on r.kind = k.id
  left join scheduled s on s.kind = k.id
  left join waiting w on w.kind = k.id
  left join aside a on a.kind = k.id
  left join ended e on e.kind = k.id
 order by k.name
