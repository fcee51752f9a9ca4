-- Moves jobs that stand aside back to the ready ones, as many as their gates have room for. Whoever
-- counts against a gate holds its lock until the end of the transaction, so that no two count at once
-- and no room is overlooked. Answers how many came back.
create or replace function release_gates(gates bigint[]) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  released integer;
begin
  perform pg_advisory_xact_lock(gate)
     from (select distinct g as gate from unnest(gates) g where g is not null order by g) s;
  with open as materialized (
    select g.gate, a.gate_max - (select count(*) from job_running r where r.user_gate = g.gate or r.key_gate = g.gate)
           as room
      from (select distinct g as gate from unnest(gates) g where g is not null) g
     cross join lateral (select gate_max from job_aside where gate = g.gate order by rank, id limit 1) a
  ), back as (
    delete from job_aside
     where ctid = any (array(
             select h.spot from open
              cross join lateral (
                    select ctid as spot from job_aside where gate = open.gate order by rank, id
                    limit greatest(0, open.room) for update skip locked) h))
    returning *
  )
  insert into job_ready (user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties)
  select user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties from back;
  get diagnostics released = row_count;
  return released;
end $$;

-- Claims ready jobs of kinds with limits that hold over all processes: worker, kinds, how many of
-- each, the longest run of each in milliseconds. What is over the limit of its user or key stands
-- aside until one of those ends, so that the next look does not meet it again. Answers as claim.sql
-- does; a last row without an id says that there is more to look at.
create or replace function claim_limited(
    by_worker integer, of_kinds smallint[], wanted integer[], timeouts bigint[])
  returns table (user_id bigint, id bigint, day date, kind smallint, rank bigint, run integer, failures smallint,
                 payload text, trace text, remaining_ms bigint, checkpoint text, attempts text)
language plpgsql set search_path = millrace, pg_temp as $$
#variable_conflict use_column
declare
  want record;
  free bigint;
  spots tid[];
  looks integer;
  taken bigint[];
  narrowed bigint[];
  top bigint;
begin
  perform from job_queue q
    where q.max_running is not null
      and q.name in (select k.queue from job_kind k where k.id = any (of_kinds))
    order by q.name for no key update;
  perform from job_kind k where k.max_running is not null and k.id = any (of_kinds) order by k.id for no key update;

  for want in
    select k.*, w.n, w.timeout, q.max_running as queue_max, coalesce(k.user_group, k.name) as share
      from unnest(of_kinds, wanted, timeouts) as w(kind, n, timeout)
      join job_kind k on k.id = w.kind
      join job_queue q on q.name = k.queue
     where not k.paused and not q.paused
       and (k.keyed or coalesce(k.max_running, k.max_per_user, k.max_per_key, q.max_running) is not null)
     order by k.id
  loop
    free := want.n;
    if want.max_running is not null then
      free := least(free, want.max_running
                          - (select count(*) from job_running r where r.kind = want.id and r.limited));
    end if;
    if want.queue_max is not null then
      free := least(free, want.queue_max
                          - (select count(*) from job_running r join job_kind k on k.id = r.kind
                              where k.queue = want.queue and r.limited));
    end if;
    looks := 0;
    while free > 0 loop
      looks := looks + 1;
      if looks > 8 then
        return query select null::bigint, null::bigint, null::date, want.id, null::bigint, null::integer,
                            null::smallint, null, null, null::bigint, null, null;
        exit;
      end if;
      spots := array(
        select r.ctid from job_ready r where r.kind = want.id order by r.rank, r.id limit free
           for update skip locked);
      exit when cardinality(spots) = 0;

      if want.max_per_user is not null or want.max_per_key is not null or want.keyed then
        perform pg_advisory_xact_lock(gate)
           from (select distinct g.gate
                   from job_ready r
                  cross join lateral (values (hashtextextended(want.share, r.user_id)), (r.limit_key)) g(gate)
                  where r.ctid = any (spots) and g.gate is not null
                  order by g.gate) s;
      end if;

      with head as materialized (
        select r.ctid as spot, r.*,
               case when want.max_per_user is not null then hashtextextended(want.share, r.user_id) end as user_gate,
               case when l.max_running is not null or want.max_per_key is not null then r.limit_key end as key_gate,
               coalesce(l.max_running, want.max_per_key) as key_max
          from job_ready r left join job_limit l on l.hash = r.limit_key
         where r.ctid = any (spots)
      ), used as materialized (
        select g.gate, (select count(*) from job_running r where r.user_gate = g.gate or r.key_gate = g.gate) as n
          from (select h.user_gate as gate from head h union select h.key_gate from head h) g
         where g.gate is not null
      ), by_user as materialized (
        select h.*, h.user_gate is null
                    or row_number() over (partition by h.user_gate order by h.rank, h.id) + u.n <= want.max_per_user
                    as user_ok
          from head h left join used u on u.gate = h.user_gate
      ), judged as materialized (
        select b.*, b.key_gate is null
                    or row_number() over (partition by b.key_gate, b.user_ok order by b.rank, b.id) + u.n <= b.key_max
                    as key_ok
          from by_user b left join used u on u.gate = b.key_gate
      ), gone as (
        delete from job_ready r where r.ctid = any (spots)
      ), aside as (
        insert into job_aside (user_id, id, rank, ready_at, gate, gate_max, limit_key, day, run, kind, priority,
                               failures, ties)
        select j.user_id, j.id, j.rank, j.ready_at, case when j.user_ok then j.key_gate else j.user_gate end,
               case when j.user_ok then j.key_max else want.max_per_user end, j.limit_key, j.day, j.run, j.kind,
               j.priority, j.failures, j.ties
          from judged j where not (j.user_ok and j.key_ok)
      ), started as (
        insert into job_running (user_id, id, ready_at, started_at, deadline, limit_key, user_gate, key_gate, day,
                                 run, worker, kind, priority, failures, ties, limited)
        select j.user_id, j.id, j.ready_at, c.now, c.now + want.timeout * interval '1 millisecond', j.limit_key,
               j.user_gate, j.key_gate, j.day, j.run + 1, by_worker, j.kind, j.priority, j.failures, j.ties, true
          from judged j cross join (select clock() as now) c where j.user_ok and j.key_ok
      )
      select array_agg(j.id order by j.rank, j.id) filter (where j.user_ok and j.key_ok),
             array_agg(distinct j.user_gate) filter (where j.user_ok and not j.key_ok),
             max(j.rank + boost(j.priority))
        into taken, narrowed, top
        from judged j;
      if top > coalesce(pg_sequence_last_value(want.clock), 0) then
        perform setval(want.clock, top);
      end if;

      -- Who was kept out by another's key left room for others of the same user.
      if narrowed is not null then
        perform release_gates(narrowed);
      end if;
      free := free - coalesce(cardinality(taken), 0);
      return query
        select r.user_id, r.id, r.day, r.kind, 0::bigint, r.run, r.failures, b.payload::text, b.options ->> 'trace',
               (((b.options ->> 'deadline')::float - extract(epoch from clock())) * 1000)::bigint,
               p.checkpoint::text, p.attempts::text
          from unnest(taken) with ordinality t(id, ord)
          join job_running r on r.id = t.id and r.worker = by_worker
          join job_body b on b.day = r.day and b.id = r.id
          left join job_progress p on p.id = r.id and p.user_id = r.user_id
         order by t.ord;
    end loop;
  end loop;
end $$;
