-- Locks dead letters, at most $1, and answers what makes new jobs of them. A key that only the
-- window of the dead job itself still holds is free for its successor.
with letters as materialized (
  select d.* from job_dead d where /* condition */ true order by d.dead_at, d.id limit $1 for update
), bodies as materialized (
  select d.user_id, d.id, d.kind, d.priority, d.dead_at, b.options, b.dedup_key,
         coalesce(d.payload, b.payload) as payload
    from letters d left join job_body b on b.day = d.day and b.id = d.id
), freed as (
  delete from job_dedup k using bodies b
   where k.user_id = b.user_id and k.dedup_key = b.dedup_key and k.id = b.id and not k.live
)
select user_id, id, kind, priority, dead_at, options::text, dedup_key, payload::text,
       extract(epoch from clock())::float8 as now
  from bodies order by dead_at, id
