-- Jobs that wait for others. A parent that has not ended is locked until the end of the transaction
-- and told (ties 4) that it has children: whoever ends it waits, and then finds the edge. Whoever
-- locks parents waits for nobody meanwhile, since those who end jobs take them in no certain order.

-- Looks for jobs and locks those that have not ended. A dead job that was redriven means its
-- successor. All places are seen at once, so that who moves is in one of them; who has moved on until
-- its lock is had is left out, and so is, unless patient, whom somebody else holds. Answers what was
-- found, and refuses what is nowhere.
create or replace function hold_parents(asked bigint[], patient boolean) returns job_parent[]
language plpgsql set search_path = millrace, pg_temp as $$
declare
  named bigint[] := asked;          -- by which id each is known now
  ended job_parent[];
  found_all job_parent[];
  place text;
  places text[];
  held bigint[];
  lost bigint;
begin
  loop
    select array_agg(coalesce(d.redriven_as, a.named) order by a.ord) into held
      from unnest(named) with ordinality as a(named, ord)
      left join lateral (select redriven_as from job_dead d where d.id = a.named offset 0) d on true;
    exit when held is not distinct from named;
    named := held;
  end loop;

  select array_agg(distinct p.place),
         min(a.asked) filter (where p.place is null),
         coalesce(array_agg(row(a.asked, p.user_id, a.named, p.fate)::job_parent)
                  filter (where p.place = 'job_outcome'), '{}')
    into places, lost, found_all
    from unnest(asked, named) as a(asked, named)
    left join lateral (
         select 'job_running' as place, user_id, null as fate from job_running where id = a.named
         union all select 'job_scheduled', user_id, null from job_scheduled where id = a.named
         union all select 'job_ready', user_id, null from job_ready where id = a.named
         union all select 'job_waiting', user_id, null from job_waiting where id = a.named
         union all select 'job_aside', user_id, null from job_aside where id = a.named
         union all select 'job_dead', user_id, null from job_dead where id = a.named
         union all select 'job_outcome', user_id, case state when 'cancelled' then 'cancelled' else 'done' end
                     from job_outcome where id = a.named
         limit 1) p on true;
  if lost is not null then
    raise exception using errcode = '22023', message = format(
      'there is no job %s to wait for: it was never enqueued, or it ended longer ago than history is kept', lost);
  end if;

  foreach place in array array['job_running', 'job_scheduled', 'job_ready', 'job_waiting', 'job_aside', 'job_dead'] loop
    continue when place <> all (places);
    execute format(
      'select array_agg(id) from (select id from %I where id = any ($1) %s order by id for %s %s) h', place,
      case place when 'job_dead' then 'and redriven_at is null' end,
      case place when 'job_dead' then 'share' else 'key share' end,
      case when not patient then 'skip locked' end) into held using named;
    continue when held is null;
    -- Others who tell parents do so in the same order. The dead need not be told: who redrives or
    -- purges one looks for its children anyway.
    if place <> 'job_dead' then
      execute format(
        'with untold as materialized (select id, user_id from %1$I where id = any ($1) and ties & 4 = 0
                                       order by id for no key update)
         update %1$I t set ties = t.ties | 4 from untold u where t.id = u.id and t.user_id = u.user_id', place) using held;
    end if;
    execute format(
      'select array_agg(row(a.asked, t.user_id, t.id, $1)::job_parent)
         from unnest($2, $3) as a(asked, named) join %I t on t.id = a.named where t.id = any ($4)', place)
      into ended using case place when 'job_dead' then 'dead' else 'live' end, asked, named, held;
    found_all := found_all || ended;
  end loop;
  return found_all;
end $$;

-- Holds jobs that are to become parents, all of them or none: where one cannot be had, the locks of
-- the others are given back, it is waited for, and the next try begins. After many tries it holds what
-- it has and waits.
create or replace function lock_parents(wanted bigint[]) returns job_parent[]
language plpgsql set search_path = millrace, pg_temp as $$
declare
  asked bigint[] := array(select distinct w from unnest(wanted) w order by w);
  held job_parent[] := '{}';
  missing bigint[];
begin
  for try in 1 .. 1000 loop
    begin
      missing := array(select a from unnest(asked) a where a not in (select h.asked from unnest(held) h));
      held := held || hold_parents(missing, try > 50);
      exit when cardinality(held) = cardinality(asked);
      if try <= 50 then
        raise exception 'not all of them' using errcode = 'MR001';
      end if;
    exception when sqlstate 'MR001' then
      missing := array(select a from unnest(asked) a where a not in (select h.asked from unnest(held) h));
      held := '{}';
      begin
        perform hold_parents(missing[1:1], true);
        raise exception 'it is free' using errcode = 'MR001';
      exception when sqlstate 'MR001' then
        null;
      end;
    end;
  end loop;
  if cardinality(held) < cardinality(asked) then
    raise exception 'jobs that should be waited for move too fast, try again' using errcode = '40001';
  end if;
  return held;
end $$;

-- Ties new jobs to their parents: those that lock_parents found, and those of the same call. Answers
-- the options with the latter by their ids, how many unfinished parents each job has, 4 for each that
-- is a parent, and the jobs that one of their parents cancels at once.
create or replace function tie_parents(
    users bigint[], ids bigint[], keys text[], today date, found_parents job_parent[], options jsonb[],
    out wanted jsonb[], out unfinished integer[], out parent_ties integer[], out doomed job_ended[])
language plpgsql set search_path = millrace, pg_temp
-- Long arrays are joined here; the planner takes them for short ones.
set enable_nestloop = off as $$
declare
  known job_parent[];
begin
  -- Where a dedup key kept a parent out, whoever holds the key is the parent.
  select array_agg(
           case when i.option ? 'afterIndex' and not i.option ? 'replaces' then
             i.option - 'afterIndex' || jsonb_build_object('parents', (
               select coalesce(jsonb_agg(distinct p.id), '[]')
                 from (select e.id::bigint as id from jsonb_array_elements_text(i.option -> 'parents') as e(id)
                       union all
                       select coalesce(ids[n.n::int + 1],
                                       (select d.id from job_dedup d
                                         where d.user_id = users[n.n::int + 1] and d.dedup_key = keys[n.n::int + 1]))
                         from jsonb_array_elements_text(i.option -> 'afterIndex') as n(n)) p
                where p.id is not null))
           else i.option end order by i.ord)
    into wanted
    from unnest(options) with ordinality as i(option, ord);

  known := found_parents || array(
    select row(i.id, i.user_id, i.id, 'live')::job_parent from unnest(users, ids) as i(user_id, id) where id is not null);
  known := known || lock_parents(array(
    select distinct p.id::bigint from unnest(wanted) o
     cross join lateral jsonb_array_elements_text(o -> 'parents') as p(id)
     where not o ? 'replaces' and p.id::bigint not in (select asked from unnest(known))));

  with link as materialized (
    select distinct i.ord, i.user_id, i.id, k.user_id as parent_user, k.id as parent, k.fate,
           coalesce(i.option ->> 'onDead', 'hold') as on_dead
      from unnest(users, ids, wanted) with ordinality as i(user_id, id, option, ord)
     cross join lateral jsonb_array_elements_text(i.option -> 'parents') as p(id)
      join unnest(known) k on k.asked = p.id::bigint
     where i.id is not null and not i.option ? 'replaces'
  ), edge as (
    insert into job_edge (parent_user, parent, child_user, child, on_dead)
    select parent_user, parent, user_id, id, on_dead from link
     where fate = 'live' or fate = 'dead' and on_dead = 'hold'
    returning parent, child
  ), child as (
    select child, count(*) as n from edge group by child
  ), doom as (
    select distinct user_id, id from link
     where fate = 'dead' and on_dead = 'cancel' or fate = 'cancelled' and on_dead <> 'proceed'
  )
  select array_agg(greatest(coalesce(c.n, 0), (d.id is not null)::int)::integer order by i.ord),
         array_agg(case when p.parent is not null then 4 else 0 end order by i.ord),
         array_agg(row(d.user_id, d.id, today, 0, 'cancelled')::job_ended) filter (where d.id is not null)
    into unfinished, parent_ties, doomed
    from unnest(ids) with ordinality as i(id, ord)
    left join child c on c.child = i.id
    left join (select distinct parent from edge) p on p.parent = i.id
    left join doom d on d.id = i.id;
end $$;

-- Ends new jobs that one of their parents cancels, and by that their own children.
create or replace function end_doomed(doomed job_ended[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  one job_ended;
  gone job_ended;
begin
  foreach one in array doomed loop
    gone := withdraw(one.user_id, one.id, 'a job that it should wait for is dead or was cancelled');
    perform look_after(array[gone.user_id], array[gone.id], array[gone.day], array[gone.ties]);
  end loop;
end $$;
