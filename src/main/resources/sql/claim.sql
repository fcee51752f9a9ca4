-- Claims ready jobs: worker, kinds, how many of each, the longest run of each in milliseconds, the
-- rank of each from which to look. Locks what it takes, skips what others lock, and answers the jobs
-- with their bodies. Kinds that are paused or limited over all processes are left alone: the latter
-- are for claim_limited. What is taken moves its kind's fair clock.
--
-- Here as in the other hot statements each lookup is a lateral with OFFSET 0: whatever the planner
-- believes of tables that fill and empty all day, it goes from the rows at hand to the index. And as
-- there, rows are deleted where they were seen: a spot is one place in each partition, so it takes
-- both. The second condition ("is true" keeps it a look into a hash table) is asked again of a row
-- that another has replaced meanwhile, which stands at another spot and so is left alone.
with want as materialized (
  select w.*, k.clock
    from unnest($2::smallint[], $3::int[], $4::bigint[], $5::bigint[]) as w(kind, n, timeout, low)
   cross join lateral (
         select k.clock from job_kind k join job_queue q on q.name = k.queue
          where k.id = w.kind and not k.paused and not q.paused and not k.limited
            and q.max_running is null
         offset 0) k
), head as materialized (
  select r.part, r.spot
    from want
   cross join lateral (
         select tableoid as part, ctid as spot from job_ready
          where kind = want.kind and rank >= want.low
          order by rank, id
          limit want.n
            for update skip locked) r
   -- Known when it is planned: what may be millions has no place in a hash table.
   limit 10000
), taken as (
  delete from job_ready
   where ctid = any (array(select spot from head)) and ((tableoid, ctid) in (select part, spot from head)) is true
  returning user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties, payload
), started as (
  insert into job_running (user_id, id, ready_at, started_at, deadline, limit_key, day, run, worker, kind,
                           priority, failures, ties, limited)
  select t.user_id, t.id, t.ready_at, c.now, c.now + w.timeout * interval '1 millisecond', t.limit_key,
         t.day, t.run + 1, $1, t.kind, t.priority, t.failures, t.ties, false
    from (select clock() as now) c
   cross join taken t
   cross join lateral (select timeout from want where want.kind = t.kind offset 0) w
), ticked as (
  select tick(tag.kind, want.clock, tag.top)
    from (select kind, max(rank + boost(priority)) as top from taken group by kind) tag
   cross join lateral (select clock from want where want.kind = tag.kind offset 0) want
)
select t.user_id, t.id, t.day, t.kind, t.rank, t.run + 1 as run, t.failures, coalesce(t.payload, b.payload) as payload, b.trace, b.remaining_ms,
       p.checkpoint, p.attempts, (select count(*) from ticked) as ticks
  from taken t
  left join lateral (
       select payload::text, options ->> 'trace' as trace,
              (((options ->> 'deadline')::float - extract(epoch from clock())) * 1000)::bigint as remaining_ms
         from job_body b where t.payload is null and b.day = t.day and b.id = t.id offset 0) b on true
  left join lateral (
       select checkpoint::text, attempts::text from job_progress p
        where p.id = t.id and p.user_id = t.user_id offset 0) p on true
 order by t.rank, t.id
