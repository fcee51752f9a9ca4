-- How many jobs of some users are left, and how many failed for good: the users, at how many jobs of
-- each state to look: the newest, for among the oldest stand many that are gone.
-- Whose a job is stands where it can only be looked up in a hash.
select count(*) filter (where mine and not dead) as live, count(*) filter (where mine and dead) as dead
  from (
    select user_id in (select unnest($1::bigint[])) as mine, dead
      from (
        select * from (select user_id, false as dead from job_waiting order by id desc limit $2) w
        union all select * from (select user_id, false from job_scheduled order by id desc limit $2) s
        union all select * from (select user_id, false from job_ready order by id desc limit $2) r
        union all select * from (select user_id, false from job_aside order by id desc limit $2) a
        union all select * from (select user_id, false from job_running order by id desc limit $2) u
        union all select * from (select user_id, true from job_dead where redriven_at is null limit $2) d) j
     offset 0) looked
