-- Jobs that wait for another number of parents than they have edges, and jobs that wait for parents
-- that ended: the number is set right, who waits for nobody goes, and what parents have left is done
-- by the cascade. Looks at $2 jobs after id $1.
with part as materialized (
  select id, user_id, unfinished from job_waiting where id > $1 order by id limit $2
), edge as materialized (
  select p.id, p.user_id, e.parent, e.parent_user, e.on_dead
    from part p
   cross join lateral (
         select parent, parent_user, on_dead from job_edge e
          where e.child = p.id and e.child_user = p.user_id limit $2 offset 0) e
), wrong as materialized (
  select p.*, coalesce(e.n, 0) as edges
    from part p left join (select id, user_id, count(*) as n from edge group by id, user_id) e using (id, user_id)
   where coalesce(e.n, 0) <> p.unfinished and coalesce(e.n, 0) < $2
), fixed as (
  update job_waiting w set unfinished = x.edges
    from wrong x
   where w.id = x.id and w.user_id = x.user_id and w.unfinished = x.unfinished and x.edges > 0
  returning 1
), freed as (
  delete from job_waiting w using wrong x
   where w.id = x.id and w.user_id = x.user_id and w.unfinished = x.unfinished and x.edges = 0
  returning w as job
), released as materialized (
  select count(*) as n, release_children(array_agg(job)) from freed having count(*) > 0
), over as materialized (
  select p.parent, p.parent_user, s.state
    from (select distinct parent, parent_user from edge limit 10 * $2) p
   cross join lateral (
         select coalesce(
           (select 'live' where exists (select from job_running r where r.id = p.parent and r.user_id = p.parent_user)
                             or exists (select from job_ready r where r.id = p.parent and r.user_id = p.parent_user)
                             or exists (select from job_scheduled r where r.id = p.parent and r.user_id = p.parent_user)
                             or exists (select from job_aside r where r.id = p.parent and r.user_id = p.parent_user)
                             or exists (select from job_waiting r where r.id = p.parent and r.user_id = p.parent_user)
                             or exists (select from job_cascade r where r.id = p.parent and r.user_id = p.parent_user)),
           (select 'dead' from job_dead d where d.id = p.parent and d.user_id = p.parent_user and d.redriven_at is null),
           (select o.state::text from job_outcome o where o.id = p.parent and o.user_id = p.parent_user limit 1),
           -- Nobody knows how it ended: nothing may run that counted on it.
           'cancelled') as state offset 0) s
   where s.state <> 'live'
     and (s.state <> 'dead'
          or exists (select from edge e where e.parent = p.parent and e.parent_user = p.parent_user and e.on_dead <> 'hold'))
), left_over as (
  insert into job_cascade (user_id, id, state) select parent_user, parent, state from over
      on conflict do nothing
  returning 1
)
select (select count(*) from wrong) + (select count(*) from over) as found,
       (select count(*) from fixed) + coalesce((select n from released), 0) + (select count(*) from left_over) as repaired,
       coalesce((select 'job ' || min(id) || ' waits' from wrong), (select 'job ' || min(parent) || ' has ended' from over)) as detail,
       (select case when count(*) >= $2 then max(id) end from part) as next
