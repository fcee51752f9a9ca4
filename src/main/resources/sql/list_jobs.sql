-- Jobs, the newest first: below which id (null for all), how many ids to look at, at most how many
-- jobs; kind, state, user, batch, came into its state from and until, a text in its last error, where
-- given. What is looked at is bounded, so a page costs the same however few match. The first columns
-- tell where the look ended; they stand in a row even if nothing matches.
with bounds as materialized (
  select low, coalesce($1, high) as high, greatest(low, coalesce($1, high) - $2) as floor from job_span()
), hit as materialized (
  select * from (
    select user_id, id, day, kind, priority, 'waiting'::text as state, 0 as run, 0::smallint as failures,
           run_at as at, null::jsonb as error
      from job_waiting
     where ($5::text is null or $5 = 'waiting')
       and id < (select high from bounds) and id >= (select floor from bounds)
    union all
    select user_id, id, day, kind, priority, 'scheduled', run, failures, run_at, null from job_scheduled
     where ($5::text is null or $5 = 'scheduled')
       and id < (select high from bounds) and id >= (select floor from bounds)
    union all
    select user_id, id, day, kind, priority, 'ready', run, failures, ready_at, null from job_ready
     where ($5::text is null or $5 = 'ready')
       and id < (select high from bounds) and id >= (select floor from bounds)
    union all
    select user_id, id, day, kind, priority, 'ready', run, failures, ready_at, null from job_aside
     where ($5::text is null or $5 = 'ready')
       and id < (select high from bounds) and id >= (select floor from bounds)
    union all
    select user_id, id, day, kind, priority, 'running', run, failures, started_at, null from job_running
     where ($5::text is null or $5 = 'running')
       and id < (select high from bounds) and id >= (select floor from bounds)
    union all
    select user_id, id, body_day, kind, null, state::text, run, failures, finished_at, null from job_outcome
     where ($5::text is null or $5 in ('completed', 'skipped', 'cancelled'))
       and id < (select high from bounds) and id >= (select floor from bounds)
    union all
    select user_id, id, day, kind, priority, 'dead', run, failures, dead_at, error from job_dead
     where ($5::text is null or $5 = 'dead') and redriven_at is null
       and id < (select high from bounds) and id >= (select floor from bounds)) j
   where ($4::smallint is null or kind = $4) and ($5::text is null or state = $5)
     and ($6::bigint is null or user_id = $6)
     and ($7::bigint is null
          or exists (select from job_body b where b.day = j.day and b.id = j.id and b.batch_id = $7))
     and ($8::timestamptz is null or at >= $8) and ($9::timestamptz is null or at < $9)
     and ($10::text is null
          or position(lower($10) in lower(coalesce(
               error ->> 'message',
               (select p.attempts -> -1 ->> 'message' from job_progress p
                 where p.id = j.id and p.user_id = j.user_id), ''))) > 0)
   order by id desc limit $3
)
select bounds.low, bounds.floor, h.user_id, h.id, k.name as kind, coalesce(h.priority, b.priority) as priority,
       h.state, h.run, h.failures, h.at, b.created_at, b.batch_id, b.dedup_key,
       left(coalesce(h.error ->> 'message', p.message), 300) as error
  from bounds
  left join hit h on true
  left join job_kind k on k.id = h.kind
  left join lateral (select * from job_body b where b.day = h.day and b.id = h.id offset 0) b on true
  left join lateral (select attempts -> -1 ->> 'message' as message from job_progress p
                      where p.id = h.id and p.user_id = h.user_id offset 0) p on true
 order by h.id desc
