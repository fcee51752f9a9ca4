-- Makes a scheduled job ready that holds a dedup key and has never run: user $1, key $2. One that
-- has run waits for a reason of its own, such as quota, and is left alone.
-- Answers how many jobs came forward.
with early as materialized (
  delete from job_scheduled s using job_dedup d
   where d.user_id = $1 and d.dedup_key = $2 and d.live
     and s.user_id = d.user_id and s.id = d.id and s.run = 0
  returning s.*
), ready as materialized (
  select make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(failures), null),
         wake(array_agg(kind))
    from early
  having count(*) > 0
)
select (select count(*) from early) as hurried, (select count(*) from ready) as woken
