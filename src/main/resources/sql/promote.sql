-- Makes scheduled jobs ready whose time has come, at most $1 of them.
-- Answers how many, in how many milliseconds the next one is due (null if none is left), and which
-- kinds have limits over all processes.
with found as materialized (
  select *
    from (select tableoid as part, ctid as spot from job_scheduled
           where run_at <= clock()
           order by run_at limit $1 for update skip locked) f
   -- As in claim.sql.
   limit 10000
), due as materialized (
  delete from job_scheduled
   where ctid = any (array(select spot from found)) and ((tableoid, ctid) in (select part, spot from found)) is true
  returning *
), ready as materialized (
  select count(*) as n,
         make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(failures), null)
    from (select * from due order by run_at, id) d
  having count(*) > 0
)
select coalesce((select n from ready), 0) as promoted,
       (select ceil(extract(epoch from min(run_at) - clock()) * 1000)::bigint
          from job_scheduled where run_at > clock()) as next_ms,
       array(select k.id from job_kind k join job_queue q on q.name = k.queue
              where k.limited or q.max_running is not null)
         as limited
