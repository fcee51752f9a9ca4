-- What lives, by kind and state, each counted up to a bound so that a look at millions costs the same:
-- the bound, and at how many running jobs to look, which stand in a table that is looked at once. What
-- is ready is counted from its end, since at its head claims leave dead entries behind.
with at_work as materialized (
  select kind, count(*) as n from (select kind from job_running limit $2) r group by kind
)
select k.name as kind, k.queue, k.paused or q.paused as paused,
       (select count(*) from (select from job_ready r where r.kind = k.id
                              order by r.rank desc, r.id desc limit $1) n) as ready,
       coalesce((select least(w.n, $1) from at_work w where w.kind = k.id), 0) as running,
       (select count(*) from (select from job_dead d where d.kind = k.id and d.redriven_at is null limit $1) n) as dead,
       extract(epoch from clock() - (select min(r.ready_at) from (select ready_at from job_ready r where r.kind = k.id
                                       order by r.rank, r.id limit 1) r))::float8 as head_seconds
  from job_kind k join job_queue q on q.name = k.queue
 order by k.name limit 200
