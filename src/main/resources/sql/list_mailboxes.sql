-- Mailboxes in the order of their users: behind which user, at most how many, of which user (or null),
-- the dedup key of syncs. With each its last full run and the sync that lives.
select a.user_id, a.email, m.trouble, m.synced_at, m.paused_at, m.paused_why, m.disconnected_at, m.watch_expires,
       coalesce(r.phase, 'none') as phase, coalesce(r.estimate, 0) as estimate, coalesce(r.listed, 0) as listed,
       coalesce(r.stored, 0) as stored, coalesce(r.duplicate, 0) as duplicate, coalesce(r.gone, 0) as gone,
       coalesce(r.dead_lettered, 0) as dead_lettered, coalesce(r.units_spent, 0) as units_spent,
       coalesce(r.throttled, 0) as throttled, r.started_at, r.finished_at,
       s.id as sync_job, s.state as sync_state, s.at as sync_at
  from account a
  join mailbox m on m.user_id = a.user_id
  left join sync_run r on r.user_id = m.user_id and r.run_id = m.full_run
  left join lateral (
       select d.id, j.state, j.at
         from job_dedup d join job j on j.id = d.id and j.user_id = d.user_id
        where d.user_id = a.user_id and d.dedup_key = $4 and d.live limit 1) s on true
 where a.user_id > $1 and ($3::bigint is null or a.user_id = $3)
 order by a.user_id limit $2
