-- What stands in the database of one mailbox and of the sync that it waits for: $1 user, $2 the kind of
-- the jobs that sync, $3 the dedup key that the live one holds. One row; none if there is no such user.
with sync as materialized (
  select d.id from job_dedup d where d.user_id = $1 and d.dedup_key = $3 and d.live
), at as materialized (
  select 'ready' as state, j.ready_at as since, null::timestamptz as until, null as why, j.failures, j.run
    from sync s join job_ready j on j.id = s.id and j.user_id = $1
  union all
  select 'aside', j.ready_at, null, null, j.failures, j.run
    from sync s join job_aside j on j.id = s.id and j.user_id = $1
  union all
  select 'scheduled', null, j.run_at, j.why, j.failures, j.run
    from sync s join job_scheduled j on j.id = s.id and j.user_id = $1
  union all
  select 'waiting', null, j.run_at, null, 0, 0
    from sync s join job_waiting j on j.id = s.id and j.user_id = $1
  union all
  select case when w.expires_at > clock() and w.stopped_at is null then 'running' else 'lost' end,
         j.started_at, j.deadline, null, j.failures, j.run
    from sync s
    join job_running j on j.id = s.id and j.user_id = $1
    left join worker w on w.id = j.worker
), dead as materialized (
  select d.id, d.dead_at, d.error ->> 'message' as sentence
    from job_dead d join job_kind k on k.id = d.kind
   where d.user_id = $1 and k.name = $2 and d.redriven_at is null
   order by d.dead_at desc limit 1
)
select a.email, clock() as now,
       m.user_id is not null as has_mailbox, m.synced_at, m.trouble, m.paused_at, m.paused_why, m.disconnected_at,
       g.user_id is not null as granted, g.dead_reason, g.updated_at as grant_at,
       s.id as job, at.state, coalesce(at.since, case when at.state = 'scheduled' then p.updated_at end) as since,
       at.until, at.why, coalesce(at.failures, 0) as failures,
       p.attempts -> -1 ->> 'message' as failure, (p.attempts -> -1 ->> 'at')::timestamptz as failed_at,
       jsonb_array_length(p.checkpoint -> 'pending') as pending,
       r.phase, r.mode, r.started_at, coalesce(r.estimate, 0) as estimate, coalesce(r.listed, 0) as listed,
       coalesce(f.dead_lettered, 0) as given_up,
       d.id as dead, d.dead_at, d.sentence as dead_sentence,
       (select max(q.closed_until) from quota_ledger q
         where q.scope = 'user' and q.key = $1 and q.closed_until > clock()) as closed_user,
       (select max(q.closed_until) from quota_ledger q
         where q.scope = 'project' and q.key = 0 and q.closed_until > clock()) as closed_project
  from account a
  left join mailbox m on m.user_id = a.user_id
  left join google_token g on g.user_id = a.user_id
  left join sync s on true
  left join at on true
  left join job_progress p on p.id = s.id and p.user_id = $1
  left join sync_run r on r.user_id = $1 and r.run_id = (p.checkpoint ->> 'run')::bigint
  left join sync_run f on f.user_id = $1 and f.run_id = m.full_run
  left join dead d on true
 where a.user_id = $1
