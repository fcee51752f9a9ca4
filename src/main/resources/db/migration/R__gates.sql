-- Gates: a user or a key with a limit is a number, which the runs that count against it carry. Who
-- takes a place at a gate holds its lock until the end of the transaction, so that no two count at
-- once; a claim of many holds the lock of all, which the others share. Who gives a place back needs
-- no lock: it looks afterwards, when that is committed, who stands aside; and who has put somebody
-- aside looks afterwards whether there is room. So one of the two meets the other.

-- The lock of a gate. Gates share a thousand of them: what a transaction locks stays bounded.
create or replace function gate_lock(gate bigint) returns integer language sql immutable as $$
  select (gate & 1023)::integer
$$;

-- No key has more runs that count against it than this: where the limit is beyond, a claim need not
-- count. Kept in a sequence, which many raise and nobody waits for; who starts runs raises it by as
-- many as it may have given to one key, and now and then, under the lock of all gates, it is counted
-- anew. The upper half of the number says at what peak that is due: 0 is at once.
create or replace function key_peak() returns bigint
language plpgsql set search_path = millrace, pg_temp as $$
declare
  known bigint := (select last_value from job_key_peak);
  peak bigint := known & 4294967295;
begin
  if peak >= known >> 32 then
    peak := coalesce((select max(n) from (select count(*) as n from job_running
                                           where key_gate is not null group by key_gate) r), 0);
    perform setval('job_key_peak', (peak + 64 << 32) + peak);
  end if;
  return peak;
end $$;

-- Raises the peak, under the lock of all gates.
create or replace function key_peak_grows(by bigint) returns bigint
language sql set search_path = millrace, pg_temp as $$
  select setval('job_key_peak', last_value + by) from job_key_peak where by > 0
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

-- The kinds that stand aside at a gate: two looks where there is one, as mostly.
create or replace function kinds_behind(of_gate bigint) returns setof smallint
language sql stable set search_path = millrace, pg_temp as $$
  with recursive found(kind) as (
    (select a.kind from job_aside a where a.gate = of_gate order by a.kind limit 1)
    union all
    select n.kind from found f
     cross join lateral (
           select a.kind from job_aside a where a.gate = of_gate and a.kind > f.kind order by a.kind limit 1) n)
  select kind from found
$$;

-- Moves jobs that stand aside back to the ready ones, as many as their gates have room for, and at
-- most a thousand of each kind; each kind has a limit of its own, and where those differ, a place may be left
-- over until the next look, but never all of them. Gates that others hold at the moment are waited for, or else left out.
-- Answers how many came back.
create or replace function release_gates(gates bigint[], wait boolean default true) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  mine bigint[];
  paused smallint[];
  released integer;
begin
  perform pg_advisory_xact_lock_shared(hashtext('millrace.gates'));
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
    select g.gate, k.kind, least(1000, coalesce(m.most - r.n, 1000)) as room
      from (select distinct g as gate from unnest(mine) g where g is not null) g
     cross join lateral kinds_behind(g.gate) k(kind)
     cross join lateral (
           select a.limit_key from job_aside a
            where a.gate = g.gate and a.kind = k.kind
            order by a.rank, a.id limit 1) a
     cross join lateral (
           select case when a.limit_key = g.gate
                       then coalesce((select l.max_running from job_limit l where l.hash = g.gate), j.max_per_key)
                       else user_limit(j) end as most
             from job_kind j where j.id = k.kind offset 0) m
     cross join lateral (
           select (select count(*) from job_running where user_gate = g.gate)
                + (select count(*) from job_running where key_gate = g.gate) as n offset 0) r
     where k.kind <> all (paused)
  ), first as materialized (
    select open.gate, open.room, h.*
      from open
     cross join lateral (
           select id, user_id, rank from job_aside a
            where a.gate = open.gate and a.kind = open.kind
            order by a.rank, a.id
            limit greatest(0, open.room) for update skip locked) h
  ), picked as materialized (
    select f.id, f.user_id
      from (select id, user_id, room, row_number() over (partition by gate order by rank, id) as nth from first) f
     where f.nth <= f.room
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

-- Lets through who stands aside at gates where runs have ended. Cheap where nobody does. In a
-- transaction of its own, after the one that ended them.
create or replace function release_behind(gates bigint[]) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  busy bigint[];
begin
  if not exists (select from job_aside a where a.gate = any (gates)) then
    return 0;
  end if;
  busy := array(
    select g from unnest(gates) g
     cross join lateral (select from job_aside a where a.gate = g limit 1) a);
  return release_gates(busy);
end $$;
