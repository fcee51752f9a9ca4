-- Queues with their kinds, each with what lives of it, counted up to a bound: the bound of a kind, and at
-- how many running jobs to look, which stand in a table that is looked at once. What is ready is counted
-- from its end, since at its head claims leave dead entries behind.
with at_work as materialized (
  select kind, count(*) as n from (select kind from job_running limit $2) r group by kind
)
select q.name, q.paused, q.max_running,
       (select coalesce(sum(c.n), 0) from job_kind k
         cross join lateral (select count(*) as n from (select from job_ready r where r.kind = k.id
                                                        order by r.rank desc, r.id desc limit $1) r) c
         where k.queue = q.name)::bigint as ready,
       (select coalesce(sum(least(w.n, $1)), 0) from job_kind k join at_work w on w.kind = k.id
         where k.queue = q.name)::bigint as running,
       array(select k.name from job_kind k where k.queue = q.name order by 1 limit 200) as kinds
  from job_queue q order by q.name limit 500
