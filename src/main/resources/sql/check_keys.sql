-- Dedup keys held by jobs that are no more: nothing could be enqueued under them. Looks at $3 rows
-- after the key $2 of user $1.
with part as materialized (
  select ctid as spot, user_id, dedup_key, id, live from job_dedup
   where (user_id, dedup_key) > ($1, $2) order by user_id, dedup_key limit $3
), stale as materialized (
  select p.spot, p.id from part p
   cross join lateral (
         select exists (select from job_running r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_ready r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_scheduled r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_aside r where r.id = p.id and r.user_id = p.user_id)
             or exists (select from job_waiting r where r.id = p.id and r.user_id = p.user_id) as there offset 0) l
   where p.live and not l.there
), gone as (
  delete from job_dedup where ctid = any (array(select spot from stale)) returning 1
), last as (
  select user_id, dedup_key from part order by user_id desc, dedup_key desc limit 1
)
select (select count(*) from stale) as found, (select count(*) from gone) as repaired,
       (select 'job ' || min(id) from stale) as detail,
       (select case when count(*) >= $3 then (select user_id from last) end from part) as next,
       (select dedup_key from last) as next_key
