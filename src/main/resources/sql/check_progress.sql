-- Checkpoints of jobs that are no more. Looks at $2 rows after id $1.
with part as materialized (
  select ctid as spot, id, user_id from job_progress where id > $1 order by id limit $2
), stale as materialized (
  select p.spot, p.id from part p
   cross join lateral (
         select exists (select from job_running r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_ready r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_scheduled r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_aside r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_waiting r where r.id = p.id and r.user_id = p.user_id) as live offset 0) l
   where not l.live
), gone as (
  delete from job_progress where ctid = any (array(select spot from stale)) returning 1
)
select (select count(*) from stale) as found, (select count(*) from gone) as repaired,
       (select 'job ' || min(id) from stale) as detail,
       (select case when count(*) >= $2 then max(id) end from part) as next
