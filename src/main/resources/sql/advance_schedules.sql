-- Moves schedules on that the caller's transaction has locked: names, next due times (null for never),
-- due times and jobs of the newest runs (null where none was enqueued).
update schedule s
   set next_at = a.next_at,
       last_at = coalesce(a.last_at, s.last_at),
       last_job = coalesce(a.last_job, s.last_job)
  from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[])
       as a(name, next_at, last_at, last_job)
 where s.name = a.name
