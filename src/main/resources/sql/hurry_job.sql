-- Makes a scheduled job ready at once, whatever it waits for: user, id. Answers how many came forward.
with early as materialized (
  delete from job_scheduled s where s.user_id = $1 and s.id = $2 returning s.*
), ready as materialized (
  select make_ready(array_agg(user_id), array_agg(id), array_agg(day), array_agg(kind), array_agg(priority),
                    array_agg(ties), array_agg(limit_key), array_agg(run), array_agg(failures), null),
         wake(array_agg(kind))
    from early
  having count(*) > 0
)
select (select count(*) from early) as hurried, (select count(*) from ready) as woken
