-- Finished and dead jobs in the order of the transactions that ended them, from a cursor on. Only what
-- lies below the oldest transaction still running is shown: above it, one that began early may yet
-- commit late, and whoever had read past it would never see it.
--
-- Needs an index by (xid, id) on each partition of job_outcome and on job_dead. Sorting is forbidden,
-- so that a page costs the same however far behind the follower is and whatever statistics say.
create or replace function changes(after_xid xid8, after_id bigint, most integer)
  returns table (xid xid8, id bigint, user_id bigint, kind smallint, state text, run integer, failures smallint,
                 at timestamptz, ready_at timestamptz, started_at timestamptz)
language sql stable set search_path = millrace, pg_temp
set enable_sort = off set enable_seqscan = off set enable_bitmapscan = off as $$
  select * from (
    (select o.xid, o.id, o.user_id, o.kind, o.state::text, o.run, o.failures, o.finished_at, o.ready_at, o.started_at
       from job_outcome o
      where (o.xid, o.id) > (after_xid, after_id) and o.xid < pg_snapshot_xmin(pg_current_snapshot())
      order by o.xid, o.id limit most)
    union all
    (select d.xid, d.id, d.user_id, d.kind, 'dead', d.run, d.failures, d.dead_at, null, null
       from job_dead d
      where (d.xid, d.id) > (after_xid, after_id) and d.xid < pg_snapshot_xmin(pg_current_snapshot())
      order by d.xid, d.id limit most)) c
   order by 1, 2 limit most
$$;
