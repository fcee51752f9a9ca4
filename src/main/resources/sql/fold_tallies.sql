-- Adds the next changes to the tallies, to their users' days and to the flow of the last hours, and moves their cursor, which
-- the transaction has locked: the cursor's transaction and id, at most how many. Answers how many were counted.
with page as materialized (
  select * from changes($1::text::xid8, $2, $3)
), summed as (
  insert into job_tally as t (day, kind, state, jobs, ran, run_ms, wait_ms)
  select (at at time zone 'UTC')::date, kind, state, count(*), count(started_at),
         coalesce(extract(epoch from sum(greatest(interval '0', at - started_at))) * 1000, 0)::bigint,
         coalesce(extract(epoch from sum(greatest(interval '0', started_at - ready_at))) * 1000, 0)::bigint
    from page group by 1, 2, 3 order by 1, 2, 3
      on conflict (day, kind, state) do update
     set jobs = t.jobs + excluded.jobs, ran = t.ran + excluded.ran, run_ms = t.run_ms + excluded.run_ms,
         wait_ms = t.wait_ms + excluded.wait_ms
), used as (
  insert into usage_daily as u (day, user_id, kind, jobs, dead, run_ms)
  select (p.at at time zone 'UTC')::date, p.user_id, k.name, count(*), count(*) filter (where p.state = 'dead'),
         coalesce(extract(epoch from sum(greatest(interval '0', p.at - p.started_at))) * 1000, 0)::bigint
    from page p cross join lateral (select name from job_kind k where k.id = p.kind offset 0) k
   where p.state <> 'cancelled'
   group by 1, 2, 3 order by 1, 2, 3
      on conflict (day, user_id, kind) do update
     set jobs = u.jobs + excluded.jobs, dead = u.dead + excluded.dead, run_ms = u.run_ms + excluded.run_ms
), flowed as (
  insert into flow as f (minute, measure, what, n)
  select date_trunc('minute', p.at), p.state, k.name, count(*)
    from page p cross join lateral (select name from job_kind k where k.id = p.kind offset 0) k
   where p.at > clock() - interval '2 hours'
   group by 1, 2, 3
   union all
  select date_trunc('minute', clock()), 'ids', '', coalesce(pg_sequence_last_value('job_id'), 0)
   order by 1, 2, 3
      on conflict (minute, measure, what) do update
     set n = case excluded.measure when 'ids' then greatest(f.n, excluded.n) else f.n + excluded.n end
), forgotten as (
  delete from flow where minute < clock() - interval '3 hours'
), moved as (
  update change_cursor c set xid = l.xid, id = l.id, moved_at = clock()
    from (select xid, id from page order by xid desc, id desc limit 1) l
   where c.name = 'tallies'
)
select count(*) as counted from page
