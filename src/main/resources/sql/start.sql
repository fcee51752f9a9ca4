-- Brings a job that begins in the same transaction: worker, user, kind, priority, payload, the longest run
-- in milliseconds, and the rank from which to look at what is ready. Nothing is brought, and nothing
-- answered, if another job of the kind waits for its turn, or if the kind is paused or limited over all
-- processes: then the job has to stand in the queue like any other.
with kind as materialized (
  select k.id, c.now, (c.now at time zone 'UTC')::date as today, nextval('job_id') as job
    from (select clock() as now offset 0) c
   cross join lateral (
         select k.id from job_kind k join job_queue q on q.name = k.queue
          where k.id = $3 and not k.paused and not q.paused and not k.limited and q.max_running is null
         offset 0) k
   where not exists (select from job_ready r where r.kind = $3 and r.rank >= $7 offset 0)
), body as (
  insert into job_body (id, user_id, created_at, day, kind, priority, payload)
  select job, $2, now, today, id, $4, $5::text::jsonb from kind
)
insert into job_running (user_id, id, ready_at, started_at, deadline, day, run, worker, kind, priority, failures, ties,
                         limited)
select $2, job, now, now, now + $6 * interval '1 millisecond', today, 1, $1, id, $4, 0, 0, false from kind
returning id, day, run
