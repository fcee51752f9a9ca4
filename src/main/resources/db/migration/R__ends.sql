-- What hangs on a job that ended: its dedup key, its children, its batch. All of it happens in the
-- transaction that ended the job, in statements after the one that did, so that whoever tied
-- something to the job before is seen and whoever comes after finds it ended. Locks are taken in one
-- order: runs, waiting children by id, keys, batches by id.

-- Frees the dedup keys of jobs that ended. A key with a window stays taken until that is over.
create or replace function release_keys(ended job_ended[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
begin
  with held as materialized (
    select d.spot, d.kept
      from (select * from unnest(ended) order by id) e
     cross join lateral (select dedup_key from job_body b where b.day = e.day and b.id = e.id offset 0) b
     cross join lateral (
           select ctid as spot, coalesce(until > clock(), false) as kept from job_dedup d
            where d.user_id = e.user_id and d.dedup_key = b.dedup_key and d.id = e.id
              for update) d
     where e.ties & 1 <> 0
  ), over as (
    update job_dedup set live = false where ctid = any (array(select spot from held where kept))
  )
  delete from job_dedup where ctid = any (array(select spot from held where not kept));
end $$;

-- Lets jobs go that waited for parents: their rows are gone from job_waiting. Idle workers are woken.
create or replace function release_children(released job_waiting[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
begin
  insert into job_scheduled (user_id, id, run_at, limit_key, day, run, kind, priority, failures, ties, why)
  select user_id, id, run_at, limit_key, day, 0, kind, priority, 0, ties, 'delay'
    from unnest(released) where run_at > clock();
  perform make_ready(array_agg(r.user_id order by r.id), array_agg(r.id order by r.id),
                     array_agg(r.day order by r.id), array_agg(r.kind order by r.id),
                     array_agg(r.priority order by r.id), array_agg(r.ties order by r.id),
                     array_agg(r.limit_key order by r.id), array_agg(0), array_agg(0::smallint),
                     array_agg(b.cost order by r.id))
     from unnest(released) r
     left join lateral (
          select (options ->> 'cost')::real as cost from job_body b where b.day = r.day and b.id = r.id offset 0) b
          on true
    where r.run_at is null or r.run_at <= clock()
   having count(*) > 0;
  perform wake(array(select distinct kind from unnest(released) where run_at is null or run_at <= clock()));
end $$;

-- Takes up to so many edges of jobs that ended, and lets their children go, or cancels them. A child
-- goes when its last parent is done; an edge says whether a dead parent holds it, lets it go or
-- cancels it. A cancelled parent will never come back: what it would have held is cancelled.
-- Patient, it waits for children that others hold, in the order of their ids; otherwise it leaves
-- them. Answers how many edges it took, whom it cancelled, and the parents that have edges left.
create or replace function settle_children(
    parents job_ended[], most integer, patient boolean,
    out took integer, out cancelled job_ended[], out again job_ended[])
language plpgsql set search_path = millrace, pg_temp as $$
declare
  spots tid[];
  children bigint[];
  held bigint[];
  busy bigint[];
  released job_waiting[];
begin
  took := 0;
  select array_agg(l.spot), array_agg(l.child) into spots, children
    from (select e.spot, e.child
            from unnest(parents) p
           cross join lateral (
                 select ctid as spot, child from job_edge e
                  where e.parent = p.id and e.parent_user = p.user_id
                    and not (p.state = 'dead' and e.on_dead = 'hold')
                 offset 0) e
           limit most) l;
  if spots is null then
    return;
  end if;
  if cardinality(spots) = most then
    again := parents;
  end if;

  if patient then
    perform from (select distinct c from unnest(children) c order by c) c
      cross join lateral (select from job_waiting w where w.id = c.c for update) w;
  else
    select array_agg(w.id) into held
      from (select distinct c from unnest(children) c order by c) c
     cross join lateral (select w.id from job_waiting w where w.id = c.c for update skip locked) w;
    select array_agg(distinct w.id) into busy
      from unnest(children) c
     cross join lateral (select w.id from job_waiting w where w.id = c offset 0) w
     where w.id <> all (coalesce(held, '{}'));
    if busy is not null then
      again := parents;
      spots := array(select s from unnest(spots, children) as l(s, c) where c <> all (busy));
    end if;
  end if;

  took := cardinality(spots);
  with gone as (
    delete from job_edge where ctid = any (spots) returning *
  ), judged as materialized (
    select g.child_user, g.child, count(*) as n,
           min(g.parent) filter (where g.on_dead <> 'proceed' and p.state in ('dead', 'cancelled')) as doom
      from gone g join unnest(parents) p on p.id = g.parent and p.user_id = g.parent_user
     group by g.child_user, g.child
  ), met as materialized (
    select j.*, w.spot, w.unfinished
      from judged j
     cross join lateral (
           select ctid as spot, unfinished from job_waiting w
            where w.id = j.child and w.user_id = j.child_user
           offset 0) w
  ), cut as (
    delete from job_waiting w
     where ctid = any (array(select spot from met where doom is not null or unfinished <= n))
    returning w as job
  ), fewer as (
    update job_waiting w set unfinished = w.unfinished - m.n
      from met m
     where w.id = m.child and w.user_id = m.child_user and m.doom is null and m.unfinished > m.n
  ), ends as (
    insert into job_outcome (user_id, id, xid, finished_at, day, body_day, run, state, kind, failures, note)
    select (c.job).user_id, (c.job).id, pg_current_xact_id(), clock(), (clock() at time zone 'UTC')::date,
           (c.job).day, 0, 'cancelled', (c.job).kind, 0, 'job ' || m.doom || ', which it waited for, '
           || (select case p.state when 'dead' then 'is dead' else 'was cancelled' end
                 from unnest(parents) p where p.id = m.doom limit 1)
      from cut c join met m on m.child = (c.job).id and m.child_user = (c.job).user_id
     where m.doom is not null
  )
  select array_agg(c.job order by (c.job).id) filter (where m.doom is null),
         array_agg(row((c.job).user_id, (c.job).id, (c.job).day, (c.job).ties, 'cancelled')::job_ended)
           filter (where m.doom is not null)
    into released, cancelled
    from cut c join met m on m.child = (c.job).id and m.child_user = (c.job).user_id;

  if released is not null then
    perform release_children(released);
  end if;
end $$;

-- Leaves the rest of a cascade to whoever comes next.
create or replace function leave_cascade(parents job_ended[]) returns void
language sql set search_path = millrace, pg_temp as $$
  insert into job_cascade (user_id, id, state) select distinct on (id) user_id, id, state from unnest(parents) order by id
      on conflict do nothing
$$;

-- Looks after what hangs on jobs of which some may have ended: users, ids, days of their bodies,
-- ties. The next generation of a cascade, and what is too much for one transaction, is left for
-- cascade().
create or replace function look_after(users bigint[], ids bigint[], days date[], ties smallint[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  ended job_ended[];
  parents job_ended[];
  cancelled job_ended[];
  again job_ended[];
begin
  ended := array(
    select row(e.user_id, e.id, e.day, e.ties, s.state)::job_ended
      from unnest(users, ids, days, ties) as e(user_id, id, day, ties)
     cross join lateral (
           select o.state::text as state from job_outcome o
            where o.id = e.id and o.user_id = e.user_id and o.day >= (clock() at time zone 'UTC')::date - 1
           union all
           select 'dead' from job_dead d where d.id = e.id and d.user_id = e.user_id
           limit 1) s
     where e.ties & 7 <> 0);
  parents := array(select e from unnest(ended) e where e.ties & 4 <> 0);
  if cardinality(parents) > 0 then
    select s.cancelled, s.again into cancelled, again from settle_children(parents, 1000, true) s;
    perform leave_cascade(again || array(select c from unnest(cancelled) c where c.ties & 4 <> 0));
    ended := ended || cancelled;
  end if;
  perform release_keys(ended);
  perform count_ends(ended);
end $$;

-- Goes on with the cascades that are left, some generations of them, and waits for nobody's
-- children. Answers whether it did something and there is more.
create or replace function cascade(most integer) returns boolean
language plpgsql set search_path = millrace, pg_temp as $$
declare
  work job_ended[];
  everyone job_ended[] := '{}';
  left_over job_ended[] := '{}';
  cancelled job_ended[];
  again job_ended[];
  took integer;
  moved boolean := false;
begin
  with taken as (
    delete from job_cascade
     where ctid = any (array(select ctid from job_cascade order by id limit most for update skip locked))
    returning user_id, id, state
  )
  select array_agg(row(user_id, id, null, 4, state)::job_ended) into work from taken;
  for generation in 1 .. 64 loop
    exit when work is null or cardinality(work) = 0;
    select s.took, s.cancelled, s.again into took, cancelled, again from settle_children(work, most, false) s;
    moved := moved or took > 0;
    everyone := everyone || cancelled;
    left_over := left_over || again;
    work := array(select c from unnest(cancelled) c where c.ties & 4 <> 0);
  end loop;
  perform leave_cascade(left_over || work);
  perform release_keys(everyone);
  perform count_ends(everyone);
  return moved and exists (select from job_cascade);
end $$;

-- What a dead job held goes over to the job that takes its place, which the same transaction has
-- enqueued, and so does its place in its batch. The caller says in job_dead that it is redriven.
create or replace function repoint_children(job_user bigint, old bigint, new bigint) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  batch bigint;
begin
  -- Whoever ties a child to it now waits, and then finds its successor.
  perform from job_dead where id = old and user_id = job_user for update;
  update job_edge set parent = new where parent = old and parent_user = job_user;
  if found then
    update job_ready set ties = ties | 4 where id = new and user_id = job_user;
    update job_scheduled set ties = ties | 4 where id = new and user_id = job_user;
    update job_waiting set ties = ties | 4 where id = new and user_id = job_user;
  end if;
  select b.batch_id into batch
    from job_dead d join job_body b on b.day = d.day and b.id = d.id
   where d.id = old and d.user_id = job_user and b.batch_id is not null;
  if found then
    update job_batch set dead = dead - 1, replaced = replaced + 1 where id = batch;
  end if;
end $$;

-- Dead jobs will never come back: what they held is cancelled. For who purges them.
create or replace function abandon_children(users bigint[], ids bigint[]) returns void
language sql set search_path = millrace, pg_temp as $$
  select leave_cascade(array(select row(u, i, null, 4, 'cancelled')::job_ended from unnest(users, ids) as p(u, i)))
$$;

-- Fails a statement that met a row which changed after it had looked: its other rows come back.
create or replace function met_a_change() returns boolean language plpgsql as $$
begin
  raise exception 'a run''s row changed while it was settled' using errcode = '40001';
end $$;
