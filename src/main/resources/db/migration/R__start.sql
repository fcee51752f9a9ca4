-- Brings a job that begins in the same transaction: worker, user, kind, priority, payload, the longest run
-- in milliseconds, and the rank from which to look at what is ready. Nothing is brought, and nothing
-- answered, if another job of the kind waits for its turn, if the kind is paused or limited over all
-- processes, or if the worker's lease is over: then the job has to stand in the queue like any other.
-- While somebody changes a limit it fails at once (55P03): who enqueues waits for nobody.
create or replace function start_job(
    by_worker integer, of_user bigint, of_kind smallint, with_priority smallint, payload text, timeout bigint,
    low bigint)
  returns table (id bigint, day date, run integer)
language plpgsql set search_path = millrace, pg_temp as $$
#variable_conflict use_column
begin
  lock table job_running in row exclusive mode nowait;
  return query
  with job as materialized (
    select c.now, (c.now at time zone 'UTC')::date as today, nextval('job_id') as id
      from (select clock() as now offset 0) c
     cross join lateral (
           select from job_kind k join job_queue q on q.name = k.queue
            where k.id = of_kind and not k.paused and not q.paused and not k.limited and q.max_running is null
           offset 0) k
     where not exists (select from job_ready r where r.kind = of_kind and r.rank >= low offset 0)
       and exists (select from worker w where w.id = by_worker and w.stopped_at is null and w.expires_at > c.now)
  ), body as (
    insert into job_body (id, user_id, created_at, day, kind, priority, payload)
    select id, of_user, now, today, of_kind, with_priority, start_job.payload::jsonb from job
  )
  insert into job_running as r (user_id, id, ready_at, started_at, deadline, day, run, worker, kind, priority, failures,
                                ties, limited)
  select of_user, id, now, now, now + timeout * interval '1 millisecond', today, 1, by_worker, of_kind,
         with_priority, 0, 0, false
    from job
  returning r.id, r.day, r.run;
end $$;
