-- Queues with their kinds, each with what lives of it, counted up to a bound: the bound.
select q.name, q.paused, q.max_running,
       (select coalesce(sum(c.n), 0) from job_kind k
         cross join lateral (select count(*) as n from (select from job_ready r where r.kind = k.id limit $1) r) c
         where k.queue = q.name)::bigint as ready,
       (select coalesce(sum(c.n), 0) from job_kind k
         cross join lateral (select count(*) as n from (select from job_running r where r.kind = k.id limit $1) r) c
         where k.queue = q.name)::bigint as running,
       array(select k.name from job_kind k where k.queue = q.name order by 1 limit 200) as kinds
  from job_queue q order by q.name limit 500
