-- Ends a job that has not begun: waiting, scheduled, ready or standing aside. Answers it with its ties
-- as they were at the end, which the caller looks after; null if it has begun or is unknown.
create or replace function withdraw(job_user bigint, job bigint, why text) returns job_ended
language plpgsql set search_path = millrace, pg_temp as $$
declare
  gone record;
begin
  delete from job_ready where id = job and user_id = job_user
    returning day, kind, run, failures, ties, ready_at, limit_key into gone;
  if not found then
    delete from job_scheduled where id = job and user_id = job_user
      returning day, kind, run, failures, ties, null::timestamptz as ready_at, limit_key into gone;
  end if;
  if not found then
    delete from job_waiting where id = job and user_id = job_user
      returning day, kind, 0 as run, 0::smallint as failures, ties, null::timestamptz as ready_at, limit_key into gone;
  end if;
  if not found then
    delete from job_aside where id = job and user_id = job_user
      returning day, kind, run, failures, ties, ready_at, limit_key into gone;
  end if;
  if not found then
    return null;
  end if;
  insert into job_outcome (user_id, id, xid, ready_at, finished_at, day, body_day, run, state, kind, failures, note)
  values (job_user, job, pg_current_xact_id(), gone.ready_at, clock(), (clock() at time zone 'UTC')::date,
          gone.day, gone.run, 'cancelled', gone.kind, gone.failures, why);
  delete from job_progress where id = job and user_id = job_user;
  perform release_after(gone.kind, job_user, gone.limit_key);
  return row(job_user, job, gone.day, gone.ties, 'cancelled')::job_ended;
end $$;

-- The same for a caller that knows the ties.
create or replace function end_unstarted(job_user bigint, job bigint, why text) returns boolean
language plpgsql set search_path = millrace, pg_temp as $$
begin
  return (withdraw(job_user, job, why)).id is not null;
end $$;

-- Moves a job that has not begun to a later start. Answers whether it did.
create or replace function push_back(job_user bigint, job bigint, start_at timestamptz) returns boolean
language plpgsql set search_path = millrace, pg_temp as $$
declare
  moved record;
begin
  update job_scheduled set run_at = start_at, why = 'delay' where id = job and user_id = job_user;
  if found then
    return true;
  end if;
  update job_waiting set run_at = start_at where id = job and user_id = job_user;
  if found then
    return true;
  end if;
  with taken as (
    delete from job_ready where id = job and user_id = job_user
    returning user_id, id, limit_key, day, run, kind, priority, failures, ties
  ), aside as (
    delete from job_aside where id = job and user_id = job_user
    returning user_id, id, limit_key, day, run, kind, priority, failures, ties
  )
  insert into job_scheduled (user_id, id, run_at, limit_key, day, run, kind, priority, failures, ties, why)
  select user_id, id, start_at, limit_key, day, run, kind, priority, failures, ties, 'delay'
    from (select * from taken union all select * from aside) t
  returning kind, limit_key into moved;
  if not found then
    return false;
  end if;
  perform release_after(moved.kind, job_user, moved.limit_key);
  return true;
end $$;

-- Takes the dedup keys of new jobs. Answers the ids with null where the key is taken already. What a
-- job may do about that is its choice: ignore (nothing), replace (the one that has not begun is
-- cancelled), push (the one that has not begun is moved to the new start). One that runs is left to
-- run, and under replace and push the new job takes over the key.
create or replace function take_keys(
    users bigint[], keys text[], ids bigint[], run_ats timestamptz[], options jsonb[])
  returns bigint[] language plpgsql set search_path = millrace, pg_temp as $$
declare
  taken bigint[] := ids;
  won bigint[];
  loser record;
  held job_dedup;
  gone job_ended;
begin
  with inserted as (
    insert into job_dedup (user_id, dedup_key, id, until)
    select user_id, dedup_key, id, clock() + (option ->> 'window')::float * interval '1 second'
      from unnest(users, keys, ids, options) as i(user_id, dedup_key, id, option)
     where dedup_key is not null
     order by user_id, dedup_key, id
        on conflict do nothing
    returning id)
  select array_agg(id) into won from inserted;

  for loser in
    select i.*, coalesce(i.option ->> 'onDuplicate', 'ignore') as choice
      from unnest(users, keys, ids, run_ats, options) with ordinality
           as i(user_id, dedup_key, id, run_at, option, ord)
     where dedup_key is not null and id <> all (coalesce(won, '{}'))
     order by user_id, dedup_key, id
  loop
    select * into held from job_dedup d
     where d.user_id = loser.user_id and d.dedup_key = loser.dedup_key for update;
    if not found then
      -- It ended between the two statements.
      insert into job_dedup (user_id, dedup_key, id, until)
      values (loser.user_id, loser.dedup_key, loser.id,
              clock() + (loser.option ->> 'window')::float * interval '1 second')
      on conflict do nothing;
      if not found then
        taken[loser.ord] := null;
      end if;
      continue;
    end if;
    if held.live then
      if loser.choice = 'replace' then
        -- Its key goes over to the new one; what else hangs on it is looked after.
        gone := withdraw(held.user_id, held.id, 'replaced by a newer job');
        perform look_after(array[gone.user_id], array[gone.id], array[gone.day], array[gone.ties & ~1::smallint]);
      elsif loser.choice <> 'push' or push_back(held.user_id, held.id, coalesce(loser.run_at, clock())) then
        taken[loser.ord] := null;
      end if;
    elsif held.until > clock() then
      taken[loser.ord] := null;
    end if;
    if taken[loser.ord] is not null then
      update job_dedup set id = loser.id, live = true,
             until = clock() + (loser.option ->> 'window')::float * interval '1 second'
       where user_id = held.user_id and dedup_key = held.dedup_key;
    end if;
  end loop;
  return taken;
end $$;

-- Wakes idle workers when the transaction commits, once however often it is called there. While all
-- are busy nobody is told: they look again by themselves.
create or replace function wake(of_kinds smallint[]) returns void language plpgsql as $$
begin
  if exists (select from millrace.job_idle i where i.kinds && of_kinds) then
    perform pg_notify('millrace_jobs', '');
  end if;
end $$;

-- The one way in. Arrays of one length: users, kinds, priorities, payloads, dedup keys (null for
-- none), earliest starts (null for now), options (null for none). Options: window (s), onDuplicate
-- (ignore, replace, push), batch, cost, key (a limit key), deadline (epoch s), trace, unit, parents
-- (ids), afterIndex (parents in this call, from 0, without a cycle), onDead (hold, proceed, cancel),
-- replaces (the job whose place it takes, whose parents were done and whose batch may be closed).
-- Answers the ids in order, null where a dedup key was taken.
create or replace function enqueue_jobs(
    users bigint[], kinds smallint[], priorities smallint[], payloads text[],
    keys text[], run_ats timestamptz[], options jsonb[])
  returns bigint[] language plpgsql set search_path = millrace, pg_temp as $$
declare
  moment timestamptz := clock();
  today date := (moment at time zone 'UTC')::date;
  ids bigint[] := array(select nextval('job_id') from generate_series(1, coalesce(array_length(users, 1), 0)));
  found_parents job_parent[];
  -- Null unless some job has parents: how many of them are unfinished, 4 for those that are parents
  -- themselves, and what will never start.
  unfinished integer[];
  parent_ties integer[];
  doomed job_ended[];
begin
  if num_nonnulls(variadic keys) + num_nonnulls(variadic options) + num_nonnulls(variadic run_ats) = 0 then
    -- As most are, and then it is most of the work to find out that there is nothing else to do.
    insert into job_body (id, user_id, created_at, day, kind, priority, payload)
    select id, user_id, moment, today, kind, priority, payload::jsonb
      from unnest(ids, users, kinds, priorities, payloads) as i(id, user_id, kind, priority, payload);
    perform make_ready(users, ids, null, kinds, priorities, null, null, null, null, null, payloads);
    perform wake(kinds);
    return ids;
  end if;

  if exists (select from unnest(options) o where o ?| array['parents', 'afterIndex']) then
    found_parents := lock_parents(array(
      select p.id::bigint from unnest(options) o
       cross join lateral jsonb_array_elements_text(o -> 'parents') as p(id)
       where not o ? 'replaces'));
  end if;
  if exists (select from unnest(keys) k where k is not null) then
    ids := take_keys(users, keys, ids, run_ats, options);
  end if;
  if found_parents is not null then
    select t.wanted, t.unfinished, t.parent_ties, t.doomed into options, unfinished, parent_ties, doomed
      from tie_parents(users, ids, keys, today, found_parents, options) t;
  end if;
  if exists (select from unnest(options) o where o ? 'batch') then
    perform join_batches(options);
  end if;

  insert into job_body (id, user_id, created_at, batch_id, day, kind, priority, dedup_key, options, payload)
  select id, user_id, moment, (option ->> 'batch')::bigint, today, kind, priority, dedup_key, option, payload::jsonb
    from unnest(ids, users, kinds, priorities, keys, options, payloads)
         as i(id, user_id, kind, priority, dedup_key, option, payload)
   where id is not null;

  if exists (select from unnest(options) o where o ->> 'key' is not null) then
    update job_kind set keyed = true
     where not keyed
       and id in (select kind from unnest(kinds, options) as i(kind, option) where option ->> 'key' is not null);
  end if;

  if unfinished is not null then
    insert into job_waiting (user_id, id, run_at, limit_key, day, unfinished, kind, priority, ties)
    select user_id, id, run_at, hashtextextended(option ->> 'key', 0), today, unfinished[ord], kind, priority,
           (dedup_key is not null)::int + 2 * (option ->> 'batch' is not null)::int + parent_ties[ord]
      from unnest(ids, users, kinds, priorities, keys, run_ats, options) with ordinality
           as i(id, user_id, kind, priority, dedup_key, run_at, option, ord)
     where id is not null and unfinished[ord] > 0;
  end if;

  if exists (select from unnest(run_ats) r where r > moment) then
    insert into job_scheduled (user_id, id, run_at, limit_key, day, run, kind, priority, failures, ties, why)
    select user_id, id, run_at, hashtextextended(option ->> 'key', 0), today, 0, kind, priority, 0,
           (dedup_key is not null)::int + 2 * (option ->> 'batch' is not null)::int + coalesce(parent_ties[ord], 0),
           'delay'
      from unnest(ids, users, kinds, priorities, keys, run_ats, options) with ordinality
           as i(id, user_id, kind, priority, dedup_key, run_at, option, ord)
     where id is not null and run_at > moment and coalesce(unfinished[ord], 0) = 0;
  end if;

  perform make_ready(
            array_agg(user_id order by ord), array_agg(id order by ord), null,
            array_agg(kind order by ord), array_agg(priority order by ord),
            array_agg(((dedup_key is not null)::int + 2 * (option ->> 'batch' is not null)::int
                       + coalesce(parent_ties[ord], 0))::smallint order by ord),
            array_agg(hashtextextended(option ->> 'key', 0) order by ord),
            null, null, array_agg((option ->> 'cost')::real order by ord),
            -- Cut here already, lest long ones be copied.
            array_agg(case when length(payload) <= 200 and (option ?| array['trace', 'deadline']) is not true
                           then payload end order by ord))
     from unnest(ids, users, kinds, priorities, keys, run_ats, options, payloads) with ordinality
          as i(id, user_id, kind, priority, dedup_key, run_at, option, payload, ord)
    where id is not null and (run_at is null or run_at <= moment) and coalesce(unfinished[ord], 0) = 0
   having count(*) > 0;

  if doomed is not null then
    perform end_doomed(doomed);
  end if;
  perform wake(kinds);
  return ids;
end $$;
