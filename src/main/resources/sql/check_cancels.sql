-- Wishes to cancel runs that have ended, of the first $1. This is housekeeping, nothing was wrong.
with stale as materialized (
  select c.ctid as spot from (select ctid, * from job_cancel order by id limit $1) c
   where not exists (select from job_running r where r.id = c.id and r.user_id = c.user_id and r.run = c.run)
), gone as (
  delete from job_cancel where ctid = any (array(select spot from stale)) returning 1
)
select 0::bigint as found, count(*) as repaired, null as detail, null::bigint as next from gone
