-- Unfinished jobs without a body cannot run: they become dead letters, and their
-- children learn of it by the cascade. Looks at $2 jobs after id $1.
with live as materialized (
  select * from (
    (select user_id, id, day from job_ready where id > $1 order by id limit $2)
    union all (select user_id, id, day from job_aside where id > $1 order by id limit $2)
    union all (select user_id, id, day from job_scheduled where id > $1 order by id limit $2)
    union all (select user_id, id, day from job_waiting where id > $1 order by id limit $2)
    union all (select user_id, id, day from job_running where id > $1 order by id limit $2)) l
   order by id limit $2
), bare as materialized (
  select l.* from live l
    left join lateral (select 1 as there from job_body b where b.day = l.day and b.id = l.id offset 0) b on true
   where b.there is null
), ready as (
  delete from job_ready t using bare b where t.id = b.id and t.user_id = b.user_id and t.day = b.day
  returning t.user_id, t.id, t.day, t.kind, t.priority, t.run, t.failures, t.ties
), aside as (
  delete from job_aside t using bare b where t.id = b.id and t.user_id = b.user_id and t.day = b.day
  returning t.user_id, t.id, t.day, t.kind, t.priority, t.run, t.failures, t.ties
), scheduled as (
  delete from job_scheduled t using bare b where t.id = b.id and t.user_id = b.user_id and t.day = b.day
  returning t.user_id, t.id, t.day, t.kind, t.priority, t.run, t.failures, t.ties
), waiting as (
  delete from job_waiting t using bare b where t.id = b.id and t.user_id = b.user_id and t.day = b.day
  returning t.user_id, t.id, t.day, t.kind, t.priority, 0 as run, 0::smallint as failures, t.ties
), running as (
  delete from job_running t using bare b where t.id = b.id and t.user_id = b.user_id and t.day = b.day
  returning t.user_id, t.id, t.day, t.kind, t.priority, t.run, t.failures, t.ties
), dead as (
  insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error)
  select user_id, id, clock(), day, run, kind, priority, failures, ties, 'body',
         jsonb_build_object('message', 'Its body is gone: give it a payload before you redrive it.')
    from (table ready union all table aside union all table scheduled union all table waiting
          union all table running) g
  returning user_id, id, ties
), orphans as (
  insert into job_cascade (user_id, id, state) select user_id, id, 'dead' from dead where ties & 4 <> 0
      on conflict do nothing
)
select (select count(*) from bare) as found, (select count(*) from dead) as repaired,
       (select 'job ' || min(id) from bare) as detail,
       (select case when count(*) >= $2 then max(id) end from live) as next
