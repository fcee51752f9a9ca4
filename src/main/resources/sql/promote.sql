-- Makes scheduled jobs ready whose time has come, at most $1 of them.
-- Answers how many, and in how many milliseconds the next one is due (null if none is left).
with due as (
  delete from job_scheduled
   where ctid = any (array(
           select ctid from job_scheduled where run_at <= clock()
            order by run_at limit $1 for update skip locked))
  returning user_id, id, day, kind, priority, keyed, run, failures
), ready as (
  insert into job_ready (user_id, id, day, kind, priority, keyed, rank, run, failures)
  select user_id, id, day, kind, priority, keyed, rank_of(priority), run, failures from due
)
select (select count(*) from due) as promoted,
       (select ceil(extract(epoch from min(run_at) - clock()) * 1000)::bigint
          from job_scheduled where run_at > clock()) as next_ms
