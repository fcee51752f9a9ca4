-- All that is known of one job: its id. A dead one that was redriven is told as such.
with place as materialized (
  select user_id, id, day, kind, priority, 'waiting'::text as state, 0 as run, 0::smallint as failures,
         run_at as due_at, null::timestamptz as ready_at, null::timestamptz as started_at,
         null::timestamptz as ended_at, null::timestamptz as deadline, null::integer as worker,
         null::text as note, null::jsonb as error, null::jsonb as attempts, null::bigint as redriven_as
    from job_waiting where id = $1
  union all
  select user_id, id, day, kind, priority, 'scheduled', run, failures, run_at, null, null, null, null, null, why,
         null, null, null from job_scheduled where id = $1
  union all
  select user_id, id, day, kind, priority, 'ready', run, failures, null, ready_at, null, null, null, null, null,
         null, null, null from job_ready where id = $1
  union all
  select user_id, id, day, kind, priority, 'ready', run, failures, null, ready_at, null, null, null, null, null,
         null, null, null from job_aside where id = $1
  union all
  select user_id, id, day, kind, priority, 'running', run, failures, null, ready_at, started_at, null, deadline,
         worker, null, null, null, null from job_running where id = $1
  union all
  select user_id, id, body_day, kind, null, state::text, run, failures, null, ready_at, started_at, finished_at,
         null, null, note, null, null, null from job_outcome where id = $1
  union all
  select user_id, id, day, kind, priority, case when redriven_at is null then 'dead' else 'redriven' end, run,
         failures, null, null, null, dead_at, null, null, reason, error, attempts, redriven_as
    from job_dead where id = $1
  limit 1
)
select w.user_id, w.id, k.name as kind, k.queue, coalesce(w.priority, b.priority) as priority, w.state, w.run,
       w.failures, w.due_at, w.ready_at, w.started_at, w.ended_at, w.deadline, w.worker, w.note,
       w.error::text as error, w.redriven_as, coalesce(w.attempts, p.attempts)::text as attempts,
       p.progress::text as progress, p.checkpoint::text as checkpoint, p.updated_at,
       b.payload::text as payload, b.created_at, b.batch_id, b.dedup_key,
       b.options ->> 'trace' as trace, b.options ->> 'unit' as unit,
       (select coalesce(json_agg(json_build_object('id', r.id, 'state', coalesce(
                 (select j.state from job j where j.id = r.id limit 1), 'unknown')) order by r.id), '[]')
          from (select e.parent as id from job_edge e where e.child = w.id and e.child_user = w.user_id
                union
                select x::bigint from jsonb_array_elements_text(
                  case when jsonb_typeof(b.options -> 'parents') = 'array' then b.options -> 'parents' else '[]' end) x
                limit 100) r)::text as parents,
       (select coalesce(json_agg(json_build_object('id', r.id, 'state', coalesce(
                 (select j.state from job j where j.id = r.id limit 1), 'unknown')) order by r.id), '[]')
          from (select e.child as id from job_edge e where e.parent = w.id and e.parent_user = w.user_id
                 order by e.child limit 100) r)::text as children
  from place w
  left join job_kind k on k.id = w.kind
  left join lateral (select * from job_body b where b.day = w.day and b.id = w.id offset 0) b on true
  left join lateral (select * from job_progress p where p.id = w.id and p.user_id = w.user_id offset 0) p on true
