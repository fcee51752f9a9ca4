-- Claims ready jobs of kinds with limits that hold over all processes: worker, kinds, how many of
-- each, the longest run of each in milliseconds. Limits of kinds and queues are counted under the
-- lock of their rows, those of users and keys under the locks of their gates.
--
-- Mostly all at the head have room: a claim of many locks all gates at once, and all start in one
-- statement, which counts only what runs of keys that may be full. Otherwise each job is judged: who is over the limit of its user or key stands aside
-- until one of those ends, so that the next look does not meet it again.
--
-- Answers as claim.sql does. Rows without an id come last: with a kind, there is more of it to look
-- at; with a user, that is a gate at which somebody was put aside. After the commit the caller has to
-- release it, since a place may have come free meanwhile.
create or replace function claim_limited(
    by_worker integer, of_kinds smallint[], wanted integer[], timeouts bigint[])
  returns table (user_id bigint, id bigint, day date, kind smallint, rank bigint, run integer, failures smallint,
                 payload text, trace text, remaining_ms bigint, checkpoint text, attempts text)
language plpgsql set search_path = millrace, pg_temp as $$
#variable_conflict use_column
declare
  want record;
  free bigint;
  looks integer;
  batch bigint;
  past_rank bigint;
  past_id bigint;
  some_keys boolean;
  all_keys boolean;
  whole boolean := (select sum(w) from unnest(wanted) w) >= 20;
  spots tid[];
  ids bigint[];
  ranks bigint[];
  user_gates bigint[];
  key_gates bigint[];
  waited boolean := false;
  contested integer[];
  started bigint;
  peak bigint;
  taken job_ready[];
  narrowed bigint[];
  shut bigint[];
  aside bigint[];
  top bigint;
  more smallint;
begin
  -- Whoever changes a limit waits for this, and this for them: see limits_change.
  lock table job_running in row exclusive mode;
  perform from job_queue q
    where q.max_running is not null
      and q.name in (select k.queue from job_kind k where k.id = any (of_kinds))
    order by q.name for no key update;
  perform from job_kind k where k.max_running is not null and k.id = any (of_kinds) order by k.id for no key update;
  -- All gates or none: an open transaction that shares them is not waited for.
  if whole then
    whole := pg_try_advisory_xact_lock(hashtext('millrace.gates'));
  end if;
  if not whole then
    perform pg_advisory_xact_lock_shared(hashtext('millrace.gates'));
  end if;
  all_keys := exists (select from job_kind k where k.max_per_key is not null);
  some_keys := exists (select from job_limit);

  for want in
    select k.id, k.queue, k.max_running, k.max_per_key, k.clock, gate_name(k) as share, user_limit(k) as user_max,
           w.n, w.timeout, q.max_running as queue_max,
           k.max_running is not null or q.max_running is not null as counted
      from unnest(of_kinds, wanted, timeouts) as w(kind, n, timeout)
      join job_kind k on k.id = w.kind
      join job_queue q on q.name = k.queue
     where not k.paused and not q.paused and (k.limited or q.max_running is not null)
     order by k.id
  loop
    free := want.n;
    if want.max_running is not null then
      free := least(free, want.max_running
                          - (select count(*) from job_running r where r.kind = want.id and r.limited));
    end if;
    if want.queue_max is not null then
      free := least(free, want.queue_max
                          - (select sum(n)::bigint from job_kind k
                              cross join lateral (
                                    select count(*) as n from job_running r where r.kind = k.id and r.limited offset 0) r
                              where k.queue = want.queue));
    end if;
    if whole and free > 0 then
      peak := key_peak();
      return query
      with head as materialized (
        select *
          from (select r.ctid as spot, r.id, r.user_id, r.limit_key from job_ready r
                 where r.kind = want.id
                 order by r.rank, r.id limit free
                   for update skip locked) h
         -- As in claim.sql.
         limit 10000
      ), of_key as materialized (
        select limit_key as gate, count(*)::integer as n,
               coalesce(case when some_keys then (select l.max_running from job_limit l where l.hash = limit_key) end,
                        want.max_per_key) as most
          from head where limit_key is not null
         group by limit_key
      ), of_user as materialized (
        select hashtextextended(want.share, user_id) as gate, count(*)::integer as n from head
         where want.user_max is not null
         group by user_id
      ), tight as materialized (
        select gate, n, most from of_key where n + peak > most
      ), full_gate as (
        select from (
               select gate, n, most from tight
               union all
               select key_gate, 1, null from job_running
                where key_gate = any (array(select gate from tight))) g
         group by gate having sum(n) > max(most)
        union all
        select from (
               select gate, n from of_user
               union all
               select user_gate, 1 from job_running where user_gate = any (array(select gate from of_user))) g
         group by gate having sum(n) > want.user_max
      ), gone as (
        delete from job_ready r
         where r.ctid = any (array(select spot from head)) and (r.id in (select id from head)) is true
           and not exists (select from full_gate)
        returning r.user_id, r.id, r.rank, r.ready_at, r.limit_key, r.day, r.run, r.kind, r.priority, r.failures,
                  r.ties, r.payload
      ), begun as (
        insert into job_running (user_id, id, ready_at, started_at, deadline, limit_key, user_gate, key_gate, day,
                                 run, worker, kind, priority, failures, ties, limited)
        select t.user_id, t.id, t.ready_at, c.now, c.now + want.timeout * interval '1 millisecond', t.limit_key,
               case when want.user_max is not null then hashtextextended(want.share, t.user_id) end,
               case when all_keys then t.limit_key
                    when some_keys then (select l.hash from job_limit l where l.hash = t.limit_key) end,
               t.day, t.run + 1, by_worker, t.kind, t.priority, t.failures, t.ties, want.counted
          from (select clock() as now) c
         cross join gone t
      ), ticked as (
        select tick(want.id, want.clock, max(rank + boost(priority))),
               (select key_peak_grows(max(n)) from of_key)
          from gone
      )
      select t.user_id, t.id, t.day, t.kind, t.rank, t.run + 1, t.failures, coalesce(t.payload, b.payload), b.trace,
             b.remaining_ms, p.checkpoint, p.attempts
        from gone t
       cross join (select count(*) from ticked) c
        left join lateral (
             select b.payload::text, b.options ->> 'trace' as trace,
                    (((b.options ->> 'deadline')::float - extract(epoch from clock())) * 1000)::bigint as remaining_ms
               from job_body b where t.payload is null and b.day = t.day and b.id = t.id offset 0) b on true
        left join lateral (
             select p.checkpoint::text, p.attempts::text from job_progress p
              where p.id = t.id and p.user_id = t.user_id offset 0) p on true
       order by t.rank, t.id;
      get diagnostics started = row_count;
      continue when started > 0;
    end if;

    looks := 0;
    batch := free;
    past_rank := -9223372036854775808;
    past_id := 0;
    while free > 0 loop
      looks := looks + 1;
      if looks > 16 then
        more := want.id;
        exit;
      end if;
      -- Gates are waited for in their order, by an unlocked look at the head, and only while no ready
      -- row and no gate is held: who cancels holds gates and waits for rows.
      if not whole and not waited then
        perform pg_advisory_xact_lock(hashtext('millrace.gate'), l)
           from (select distinct gate_lock(g.gate) as l
                   from (select r.user_id, r.limit_key from job_ready r
                          where r.kind = want.id
                          order by r.rank, r.id limit batch) h
                  cross join lateral (
                        values (case when want.user_max is not null then hashtextextended(want.share, h.user_id) end),
                               (case when all_keys or some_keys then h.limit_key end)) g(gate)
                  where g.gate is not null
                  order by l) s;
        waited := true;
      end if;
      with head as materialized (
        select r.ctid as spot, r.id, r.rank, r.user_id, r.limit_key
          from job_ready r
         where r.kind = want.id and (r.rank, r.id) > (past_rank, past_id)
         order by r.rank, r.id limit batch
           for update skip locked
      )
      select array_agg(h.spot), array_agg(h.id), array_agg(h.rank),
             array_agg(case when want.user_max is not null then hashtextextended(want.share, h.user_id) end),
             array_agg(case when all_keys or l.max_running is not null then h.limit_key end)
        into spots, ids, ranks, user_gates, key_gates
        from head h
        left join lateral (
             select l.max_running from job_limit l where some_keys and l.hash = h.limit_key offset 0) l on true;
      exit when spots is null;
      past_rank := ranks[cardinality(ids)];
      past_id := ids[cardinality(ids)];

      -- What is locked already is had again; gates that others hold are left to them.
      contested := '{}';
      if not whole then
        contested := array(
          select l from (select distinct gate_lock(g) as l from unnest(user_gates || key_gates) g
                          where g is not null) s
           where not pg_try_advisory_xact_lock(hashtext('millrace.gate'), l));
        if cardinality(contested) > 0 then
          more := want.id;
        end if;
      end if;

      -- How much counts already is looked up once for each gate, at its first job here.
      with head as materialized (
        select r.*, r as head,
               case when want.user_max is not null then hashtextextended(want.share, r.user_id) end as user_gate,
               case when all_keys or l.max_running is not null then r.limit_key end as key_gate,
               case when r.limit_key is not null then coalesce(l.max_running, want.max_per_key) end as key_max
          from job_ready r
          left join lateral (
               select l.max_running from job_limit l where some_keys and l.hash = r.limit_key offset 0) l on true
         where r.ctid = any (spots) and (r.id in (select unnest(ids))) is true
      ), of_user as (
        select h.*, row_number() over (partition by h.user_gate order by h.rank, h.id) as nth
          from head h
         where cardinality(contested) = 0
            or (gate_lock(h.user_gate) = any (contested)) is not true
               and (gate_lock(h.key_gate) = any (contested)) is not true
      ), user_used as (
        select o.*, case when o.nth = 1 and o.user_gate is not null
                         then (select count(*) from job_running r where r.user_gate = o.user_gate) end as used
          from of_user o
      ), by_user as (
        select u.*, u.user_gate is null or u.nth + max(u.used) over (partition by u.user_gate) <= want.user_max
                    as user_ok
          from user_used u
      ), of_key as (
        select b.*, row_number() over (partition by b.key_gate, b.user_ok order by b.rank, b.id) as key_nth,
               row_number() over (partition by b.key_gate order by b.rank, b.id) as key_first
          from by_user b
      ), key_used as (
        select o.*, case when o.key_first = 1 and o.key_max is not null
                         then (select count(*) from job_running r where r.key_gate = o.key_gate) end as key_used
          from of_key o
      ), by_key as (
        select k.*, k.key_gate is null or k.key_max is null
                    or k.key_nth + max(k.key_used) over (partition by k.key_gate) <= k.key_max as key_ok
          from key_used k
      ), judged as materialized (
        -- What comes after the last one that is taken stays where it is: whoever stands aside does so
        -- behind a run.
        select k.*, k.user_ok and k.key_ok as ok,
               count(*) filter (where k.user_ok and k.key_ok) over (order by k.rank, k.id) as going
          from by_key k
      ), moved as materialized (
        select j.* from judged j where case when j.ok then j.going <= free else j.going < free end
      ), gone as (
        delete from job_ready r using moved m where r.id = m.id and r.user_id = m.user_id
      ), aside as (
        insert into job_aside (user_id, id, rank, ready_at, gate, limit_key, day, run, kind, priority, failures, ties)
        select m.user_id, m.id, m.rank, m.ready_at, case when m.user_ok then m.key_gate else m.user_gate end,
               m.limit_key, m.day, m.run, m.kind, m.priority, m.failures, m.ties
          from moved m where not m.ok
      ), started as (
        insert into job_running (user_id, id, ready_at, started_at, deadline, limit_key, user_gate, key_gate, day,
                                 run, worker, kind, priority, failures, ties, limited)
        select m.user_id, m.id, m.ready_at, c.now, c.now + want.timeout * interval '1 millisecond', m.limit_key,
               m.user_gate, m.key_gate, m.day, m.run + 1, by_worker, m.kind, m.priority, m.failures, m.ties,
               want.counted
          from moved m cross join (select clock() as now) c where m.ok
      )
      select array_agg(m.head order by m.rank, m.id) filter (where m.ok),
             array_agg(distinct m.user_gate) filter (where m.user_ok and not m.key_ok),
             array_agg(distinct case when m.user_ok then m.key_gate else m.user_gate end) filter (where not m.ok),
             max(m.rank + boost(m.priority)) filter (where m.ok)
        into taken, narrowed, shut, top
        from moved m;
      perform tick(want.id, want.clock, top);
      -- Claims that share the gates raise the peak side by side.
      perform nextval('job_key_peak') from unnest(taken) t where t.limit_key is not null;
      aside := aside || shut;

      -- Who was kept out by another's key left room for others of the same user.
      if narrowed is not null and release_gates(narrowed) > 0 then
        more := want.id;
      end if;
      free := free - coalesce(cardinality(taken), 0);
      return query
        select h.user_id, h.id, h.day, h.kind, h.rank, h.run + 1, h.failures, b.payload::text, b.options ->> 'trace',
               (((b.options ->> 'deadline')::float - extract(epoch from clock())) * 1000)::bigint,
               p.checkpoint::text, p.attempts::text
          from unnest(taken) h
          left join lateral (select * from job_body b where b.day = h.day and b.id = h.id offset 0) b on true
          left join lateral (
               select * from job_progress p where p.id = h.id and p.user_id = h.user_id offset 0) p on true
         order by h.rank, h.id;
      exit when cardinality(ids) < batch;
      batch := least(2000, batch * 2);
    end loop;
  end loop;
  return query
    select g, null::bigint, null::date, k, null::bigint, null::integer, null::smallint, null, null, null::bigint,
           null, null
      from (select null::bigint, more where more is not null
            union
            select g, null from unnest(aside) g) as rest(g, k);
end $$;
