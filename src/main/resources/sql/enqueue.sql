-- Enqueues jobs: users, kinds, priorities, payloads, dedup keys (null for none), run_at (null for now).
-- Answers one row per input, in order; id is null where a live job holds the same dedup key.
with input as (
  select ord, user_id, kind, priority, payload::jsonb as payload, dedup_key, run_at,
         nextval('job_id') as id
    from unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::text[], $5::text[], $6::timestamptz[])
         with ordinality as i(user_id, kind, priority, payload, dedup_key, run_at, ord)
), held as (
  insert into job_dedup (user_id, dedup_key, id)
  select user_id, dedup_key, id from input where dedup_key is not null
      on conflict do nothing
  returning id
), fresh as (
  select i.*, clock() as now from input i
   where dedup_key is null or id in (select id from held)
), body as (
  insert into job_body (day, id, user_id, kind, priority, payload, dedup_key, created_at)
  select (now at time zone 'UTC')::date, id, user_id, kind, priority, payload, dedup_key, now from fresh
), later as (
  insert into job_scheduled (user_id, id, day, kind, priority, keyed, run, failures, run_at, why)
  select user_id, id, (now at time zone 'UTC')::date, kind, priority, dedup_key is not null, 0, 0, run_at, 'delay'
    from fresh where run_at > now
), ready as (
  insert into job_ready (user_id, id, day, kind, priority, keyed, rank, run, failures)
  select user_id, id, (now at time zone 'UTC')::date, kind, priority, dedup_key is not null, rank_of(priority), 0, 0
    from fresh where run_at is null or run_at <= now
)
select f.id from input i left join fresh f using (ord) order by ord
