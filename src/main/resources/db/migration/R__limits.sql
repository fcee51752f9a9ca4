-- Limits that hold over all processes: of a kind, of a queue, of a user and of a key.
--
-- The first two are counted under the lock of their rows. A user or a key is a gate, a number that
-- the runs which count against it carry. Whoever counts against a gate holds its lock until the end
-- of the transaction, so that no two count at once and no room is overlooked.

-- The lock of a gate. Gates share a thousand of them: what a transaction locks stays bounded.
create or replace function gate_lock(gate bigint) returns integer language sql immutable as $$
  select (gate & 1023)::integer
$$;

-- Who counts together per user.
create or replace function gate_name(of_kind job_kind) returns text language sql immutable as $$
  select coalesce('group:' || of_kind.user_group, 'kind:' || of_kind.name)
$$;

-- The gate of a user for a kind or its group; null where neither has a limit per user.
create or replace function user_gate(of_kind job_kind, user_id bigint) returns bigint language sql stable as $$
  select case when millrace.user_limit(of_kind) is not null
              then hashtextextended(millrace.gate_name(of_kind), user_id) end
$$;

-- Moves jobs that stand aside back to the ready ones, as many as their gates have room for, and at
-- most a thousand of each. Gates that others hold at the moment are waited for, or else left out.
-- Answers how many came back.
create or replace function release_gates(gates bigint[], wait boolean default true) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  mine bigint[];
  paused smallint[];
  released integer;
begin
  if wait then
    perform pg_advisory_xact_lock(hashtext('millrace.gate'), l)
       from (select distinct gate_lock(g) as l from unnest(gates) g where g is not null order by l) s;
    mine := gates;
  else
    mine := array(
      select g from unnest(gates) g
       where g is not null and pg_try_advisory_xact_lock(hashtext('millrace.gate'), gate_lock(g)));
  end if;
  paused := array(select k.id from job_kind k join job_queue q on q.name = k.queue where k.paused or q.paused);
  with open as materialized (
    select g.gate, least(1000, coalesce(m.most - r.n, 1000)) as room
      from (select distinct g as gate from unnest(mine) g where g is not null) g
     cross join lateral (
           select a.kind, a.limit_key from job_aside a
            where a.gate = g.gate and a.kind <> all (paused)
            order by a.rank, a.id limit 1) a
     cross join lateral (
           select case when a.limit_key = g.gate
                       then coalesce((select l.max_running from job_limit l where l.hash = g.gate), k.max_per_key)
                       else user_limit(k) end as most
             from job_kind k where k.id = a.kind offset 0) m
     cross join lateral (
           select (select count(*) from job_running where user_gate = g.gate)
                + (select count(*) from job_running where key_gate = g.gate) as n offset 0) r
  ), picked as materialized (
    select h.id, h.user_id
      from open
     cross join lateral (
           select id, user_id from job_aside a
            where a.gate = open.gate and a.kind <> all (paused)
            order by a.rank, a.id
            limit greatest(0, open.room) for update skip locked) h
  ), back as (
    delete from job_aside a using picked p where a.id = p.id and a.user_id = p.user_id
    returning a.*
  )
  insert into job_ready (user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties)
  select user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties from back;
  get diagnostics released = row_count;
  return released;
end $$;

-- Looks again at gates behind which jobs stand aside, at most so many, beginning anywhere: limits
-- change, and what was let through may be cancelled before it runs. Answers how many came back.
create or replace function release_stranded(most integer) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  gates bigint[] := '{}';
  here bigint := hashint8extended((random() * 1e9)::bigint, 0);
  next bigint;
  wrapped boolean := false;
begin
  while cardinality(gates) < most loop
    select a.gate into next from job_aside a where a.gate > here order by a.gate limit 1;
    if next is null then
      exit when wrapped;
      wrapped := true;
      here := -9223372036854775808;
      continue;
    end if;
    exit when next = any (gates);
    gates := gates || next;
    here := next;
  end loop;
  return case when cardinality(gates) = 0 then 0 else release_gates(gates, false) end;
end $$;

-- Lets others through where a ready job goes away without a run; it may have been let through itself.
create or replace function release_after(of_kind smallint, of_user bigint, of_key bigint) returns void
language sql set search_path = millrace, pg_temp as $$
  select release_gates(array[user_gate(k, of_user), of_key], false) from job_kind k where k.id = of_kind and k.limited
$$;

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
  looks integer;
  batch bigint;
  past_rank bigint;
  past_id bigint;
  heads job_ready[];
  gated boolean;
  waited boolean := false;
  contested integer[];
  taken job_ready[];
  narrowed bigint[];
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

  for want in
    select k.id, k.queue, k.max_running, k.max_per_key, k.clock, gate_name(k) as share, user_limit(k) as user_max,
           w.n, w.timeout, q.max_running as queue_max, k.keyed
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
    gated := want.user_max is not null or want.max_per_key is not null or want.keyed;
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
      heads := array(
        select r from job_ready r
         where r.kind = want.id and (r.rank, r.id) > (past_rank, past_id)
         order by r.rank, r.id limit batch
           for update skip locked);
      exit when cardinality(heads) = 0;
      past_rank := heads[cardinality(heads)].rank;
      past_id := heads[cardinality(heads)].id;

      -- Gates are waited for in their order, and only while none is held: no two claims can wait for
      -- each other. Later ones are left to whoever holds them.
      contested := '{}';
      if gated and not waited then
        perform pg_advisory_xact_lock(hashtext('millrace.gate'), l)
           from (select distinct gate_lock(g.gate) as l
                   from unnest(heads) h
                  cross join lateral (
                          values (case when want.user_max is not null then hashtextextended(want.share, h.user_id) end),
                                 (h.limit_key)) g(gate)
                  where g.gate is not null order by l) s;
        waited := true;
      elsif gated then
        contested := array(
          select l from (select distinct gate_lock(g.gate) as l
                           from unnest(heads) h
                          cross join lateral (
                          values (case when want.user_max is not null then hashtextextended(want.share, h.user_id) end),
                                 (h.limit_key)) g(gate)
                          where g.gate is not null) s
           where not pg_try_advisory_xact_lock(hashtext('millrace.gate'), l));
        if cardinality(contested) > 0 then
          more := want.id;
        end if;
      end if;

      -- How much counts already is looked up once for each gate, at its first job here.
      with head as materialized (
        select h.*, h as head,
               case when want.user_max is not null then hashtextextended(want.share, h.user_id) end as user_gate,
               h.limit_key as key_gate, coalesce(l.max_running, want.max_per_key) as key_max
          from unnest(heads) h
          left join lateral (select max_running from job_limit l where l.hash = h.limit_key offset 0) l on true
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
               m.user_gate, m.key_gate, m.day, m.run + 1, by_worker, m.kind, m.priority, m.failures, m.ties, true
          from moved m cross join (select clock() as now) c where m.ok
      )
      select array_agg(m.head order by m.rank, m.id) filter (where m.ok),
             array_agg(distinct m.user_gate) filter (where m.user_ok and not m.key_ok),
             max(m.rank + boost(m.priority)) filter (where m.ok)
        into taken, narrowed, top
        from moved m;
      perform tick(want.id, want.clock, top);

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
      exit when cardinality(heads) < batch;
      batch := least(2000, batch * 2);
    end loop;
  end loop;
  if more is not null then
    return query select null::bigint, null::bigint, null::date, more, null::bigint, null::integer,
                        null::smallint, null, null, null::bigint, null, null;
  end if;
end $$;

-- Before a limit changes: waits for claims under way and keeps new ones waiting, so that each claim
-- knows either the old limits or the new. Gives up after three seconds rather than hold up everybody.
create or replace function limits_change() returns trigger
language plpgsql set search_path = millrace, pg_temp as $$
declare
  was text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', '3s', true);
  lock table job_running in share row exclusive mode;
  perform set_config('lock_timeout', was, true);
  return null;
end $$;

-- After it: what runs already counts as well, and who stands aside may have room now.
create or replace function limits_changed() returns trigger
language plpgsql set search_path = millrace, pg_temp as $$
begin
  update job_running r
     set limited = true, user_gate = user_gate(k, r.user_id)
    from job_kind k join job_queue q on q.name = k.queue
   where k.id = r.kind and (k.limited or q.max_running is not null)
     and (not r.limited or r.user_gate is distinct from user_gate(k, r.user_id));
  perform release_stranded(256);
  return null;
end $$;

create or replace trigger limits_change
  before update of queue, max_running, max_per_user, max_per_key, user_group on job_kind
  for each statement execute function limits_change();
create or replace trigger limits_changed
  after update of queue, paused, max_running, max_per_user, max_per_key, user_group on job_kind
  for each statement execute function limits_changed();
create or replace trigger limits_change
  before update of max_running on job_queue
  for each statement execute function limits_change();
create or replace trigger limits_changed
  after update of paused, max_running on job_queue
  for each statement execute function limits_changed();
create or replace trigger limits_changed
  after insert or update or delete on job_limit
  for each statement execute function limits_changed();

-- Makes the limits those that are configured; what is not named, or null, stays as it is. Each change
-- stops all claims for a moment: only what differs is written.
create or replace function define_limits(kinds jsonb, queues jsonb, keys jsonb) returns void
language plpgsql set search_path = millrace, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('millrace.define_limits'));
  perform know_kinds(array(select jsonb_object_keys(kinds)));
  insert into job_queue (name, max_running)
  select key, value::integer from jsonb_each_text(queues)
  union
  select value ->> 'queue', null from jsonb_each(kinds) k
   where value ->> 'queue' is not null and not queues ? (value ->> 'queue')
      on conflict do nothing;
  if exists (select from jsonb_each_text(queues) w join job_queue q on q.name = w.key
              where q.max_running is distinct from w.value::integer) then
    update job_queue q set max_running = w.value::integer from jsonb_each_text(queues) w where q.name = w.key;
  end if;
  if exists (select from jsonb_each(kinds) e join job_kind k on k.name = e.key
              cross join lateral jsonb_populate_record(k, jsonb_strip_nulls(e.value)) w
              where (k.queue, k.max_running, k.max_per_user, k.max_per_key, k.user_group)
                    is distinct from (w.queue, w.max_running, w.max_per_user, w.max_per_key, w.user_group)) then
    update job_kind k
       set queue = w.queue, max_running = w.max_running, max_per_user = w.max_per_user,
           max_per_key = w.max_per_key, user_group = w.user_group
      from jsonb_each(kinds) e, job_kind old, jsonb_populate_record(old, jsonb_strip_nulls(e.value)) w
     where k.name = e.key and old.id = k.id;
  end if;
  if exists (select from jsonb_each_text(keys) w left join job_limit l on l.key = w.key
              where l.max_running is distinct from w.value::integer) then
    insert into job_limit (key, max_running) select key, value::integer from jsonb_each_text(keys)
        on conflict (key) do update set max_running = excluded.max_running;
  end if;
end $$;
