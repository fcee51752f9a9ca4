-- Claims ready jobs: worker, kinds, how many of each, the longest run of each in milliseconds.
-- Locks what it takes, skips what others lock, and answers the jobs with their bodies.
with want as (
  select * from unnest($2::smallint[], $3::int[], $4::bigint[]) as w(kind, n, timeout)
), taken as (
  delete from job_ready
   where ctid = any (array(
           select r.spot
             from want
            cross join lateral (
                  select ctid as spot from job_ready
                   where kind = want.kind
                   order by rank, id
                   limit want.n
                     for update skip locked) r))
  returning user_id, id, day, kind, priority, keyed, rank, run, failures
), started as (
  insert into job_running (user_id, id, day, kind, priority, keyed, run, failures, worker, started_at, deadline)
  select t.user_id, t.id, t.day, t.kind, t.priority, t.keyed, t.run + 1, t.failures, $1, clock(),
         clock() + want.timeout * interval '1 millisecond'
    from taken t join want using (kind)
)
select t.user_id, t.id, t.day, t.kind, t.run + 1 as run, t.failures, b.payload::text as payload,
       p.checkpoint::text as checkpoint
  from taken t
  join job_body b on b.day = t.day and b.id = t.id
  left join job_progress p on p.user_id = t.user_id and p.id = t.id
 order by t.rank, t.id
