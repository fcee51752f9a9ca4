-- Where a job of a batch stands, as far as its batch counts it: a state in which it ended, live,
-- redriven (its place is another's), or nowhere: its letter was purged, or its row was lost.
create or replace function counted_as(job_user bigint, job bigint, body_day date) returns text
language sql stable set search_path = millrace, pg_temp as $$
  select coalesce(
    (select state::text from job_outcome o where o.id = job and o.user_id = job_user and o.day >= body_day limit 1),
    (select case when redriven_at is null then 'dead' else 'redriven' end
       from job_dead d where d.id = job and d.user_id = job_user),
    case when exists (select from job_running r where r.id = job and r.user_id = job_user)
           or exists (select from job_ready r where r.id = job and r.user_id = job_user)
           or exists (select from job_scheduled r where r.id = job and r.user_id = job_user)
           or exists (select from job_aside r where r.id = job and r.user_id = job_user)
           or exists (select from job_waiting r where r.id = job and r.user_id = job_user) then 'live' end,
    'nowhere')
$$;

-- Counts the jobs of the next so many in a batch after one of them: by where they stand. What
-- replaces another, which may have ended otherwise, takes that one's place.
create or replace function count_jobs(batch bigint, after bigint, most integer, out seen bigint, out last bigint, out counts jsonb)
language sql stable set search_path = millrace, pg_temp as $$
  with part as materialized (
    select id, user_id, day, (options ->> 'replaces')::bigint as old from job_body
     where batch_id = batch and id > after order by id limit most
  ), placed as (
    select counted_as(user_id, id, day) as place, 1 as n from part
    union all
    select counted_as(b.user_id, b.id, b.day), -1
      from part p cross join lateral (
           select id, user_id, day from job_body b where b.batch_id = batch and b.id = p.old offset 0) b
  )
  select (select count(*) from part), (select max(id) from part),
         (select coalesce(jsonb_object_agg(place, n), '{}')
            from (select place, sum(n) as n from placed group by place) s)
$$;

-- Compares batches with their jobs, of which it looks at so many, and sets right what disagrees: all
-- batches, or those that go on. A batch too large for one call is gone through in several, and once
-- more from its beginning if it has changed meanwhile. Of one older than a day, history may be gone:
-- then only what is missing in its counts is added. Answers with the place from which to go on, null
-- at the end.
create or replace function recount_batches(
    going_on boolean, most integer, inout place jsonb,
    out wrong bigint, out example text)
language plpgsql set search_path = millrace, pg_temp as $$
declare
  budget integer := most;
  b record;
  c jsonb;
  fresh boolean;
  at bigint;
begin
  wrong := 0;
  for batches in 1 .. 500 loop
    at := coalesce((place ->> 'batch')::bigint, 0);
    if going_on then
      select min(id) into at from job_batch where id >= at and done_at is null;
    else
      select min(id) into at from job_batch where id >= at;
    end if;
    if at is null then
      place := null;
      return;
    end if;
    if at is distinct from (place ->> 'batch')::bigint then
      place := jsonb_build_object('batch', at);
    end if;
    -- The batch and its jobs are seen at one moment: whoever ends a job counts it in the same
    -- transaction.
    select j.*, j.xmin::text as version, j.created_at > clock() - interval '1 day' as young, n.seen, n.last, n.counts
      into b
      from job_batch j cross join lateral count_jobs(at, coalesce((place ->> 'after')::bigint, 0), budget) n
     where j.id = at;
    if b.version is distinct from place ->> 'version' and place ? 'version' then
      place := jsonb_build_object('batch', at);
      continue;
    end if;
    c := coalesce((select jsonb_object_agg(key, n)
                     from (select key, sum(value::bigint) as n
                             from (select * from jsonb_each_text(place -> 'counts')
                                   union all select * from jsonb_each_text(b.counts)) e group by key) s), '{}');
    if b.seen = budget then
      place := jsonb_build_object('batch', at, 'after', b.last, 'version', b.version, 'counts', c);
      return;
    end if;
    if mend_batch(b.id, b.version, b.young, c) then
      wrong := wrong + 1;
      example := coalesce(example, 'batch ' || b.id || ' counted ' || jsonb_build_object(
        'total', b.total, 'completed', b.completed, 'skipped', b.skipped, 'cancelled', b.cancelled, 'dead', b.dead)
        || ', has ' || c);
    end if;
    budget := greatest(1, budget - b.seen::integer);
    place := jsonb_build_object('batch', at + 1);
    exit when budget = 1;
  end loop;
end $$;

-- Gives a batch the counts that its jobs have, unless it agrees or has changed since they were
-- counted; and tells of its end if that is what was missing. Answers whether it did something.
create or replace function mend_batch(batch bigint, version text, young boolean, counts jsonb) returns boolean
language plpgsql set search_path = millrace, pg_temp as $$
declare
  least_of boolean := not young;
begin
  update job_batch b
     set completed = r.completed, skipped = r.skipped, cancelled = r.cancelled, dead = r.dead,
         total = case when b.closed_at is null then b.total
                      else r.completed + r.skipped + r.cancelled + r.dead + r.live end
    from (select greatest(coalesce((counts ->> 'completed')::bigint, 0), case when least_of then o.completed end) as completed,
                 greatest(coalesce((counts ->> 'skipped')::bigint, 0), case when least_of then o.skipped end) as skipped,
                 greatest(coalesce((counts ->> 'cancelled')::bigint, 0), case when least_of then o.cancelled end) as cancelled,
                 greatest(coalesce((counts ->> 'dead')::bigint, 0)
                          + case when young then coalesce((counts ->> 'nowhere')::bigint, 0) else 0 end,
                          case when least_of then o.dead end) as dead,
                 coalesce((counts ->> 'live')::bigint, 0) as live
            from job_batch o where o.id = batch) r
   where b.id = batch and b.xmin::text = version
     and (b.completed, b.skipped, b.cancelled, b.dead) is distinct from (r.completed, r.skipped, r.cancelled, r.dead)
      or b.id = batch and b.xmin::text = version and b.closed_at is not null
     and b.total <> r.completed + r.skipped + r.cancelled + r.dead + r.live;
  if not found then
    return false;
  end if;
  perform finish_batch(batch);
  return true;
end $$;
