-- Locks schedules that are due, at most $1, those due longest first. What another scheduler holds is
-- left to it.
select name, user_id, kind, priority, payload::text as payload, spec, zone, misfire, paused,
       anchor, next_at, clock() as now
  from schedule
 where not paused and next_at <= clock()
 order by next_at limit $1
   for update skip locked
