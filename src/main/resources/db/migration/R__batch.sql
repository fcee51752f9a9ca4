-- Batches: jobs that are counted together and told of when all have ended. Who adds shares an
-- advisory lock with others who add, and only closing waits for them: an open transaction that adds
-- holds up nobody who finishes.

create or replace function batch_gate(batch bigint) returns bigint language sql immutable as $$
  select hashtextextended('millrace.job_batch', batch)
$$;

-- Refuses jobs of batches that are closed or unknown, except those that take another's place.
create or replace function join_batches(options jsonb[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  batches bigint[] := array(
    select distinct (o ->> 'batch')::bigint from unnest(options) o where o ? 'batch' and not o ? 'replaces' order by 1);
  refused record;
begin
  perform pg_advisory_xact_lock_shared(batch_gate(b)) from unnest(batches) b;
  select b as id, j.closed_at into refused
    from unnest(batches) b left join job_batch j on j.id = b where j.id is null or j.closed_at is not null limit 1;
  if found then
    raise exception using errcode = '22023', message = case
      when refused.closed_at is null then format('there is no batch %s', refused.id)
      else format('batch %s is closed since %s; no job can be added', refused.id, refused.closed_at) end;
  end if;
end $$;

-- Counts the ends of jobs in their batches, in the order of those.
create or replace function count_ends(ended job_ended[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  part record;
begin
  for part in
    select b.batch_id,
           count(*) filter (where e.state = 'completed') as completed,
           count(*) filter (where e.state = 'skipped') as skipped,
           count(*) filter (where e.state = 'cancelled') as cancelled,
           count(*) filter (where e.state = 'dead') as dead
      from unnest(ended) e
     cross join lateral (select batch_id from job_body b where b.day = e.day and b.id = e.id offset 0) b
     where e.ties & 2 <> 0 and b.batch_id is not null
     group by b.batch_id
     order by b.batch_id
  loop
    update job_batch b
       set completed = b.completed + part.completed, skipped = b.skipped + part.skipped,
           cancelled = b.cancelled + part.cancelled, dead = b.dead + part.dead
     where id = part.batch_id;
    perform finish_batch(part.batch_id);
  end loop;
end $$;

-- Tells of the end of a batch, once: when it is closed and all of its jobs have ended. Its row is
-- locked by the caller. Jobs that are redriven later change the counts and tell nobody.
create or replace function finish_batch(batch bigint) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  b job_batch;
  ids bigint[];
begin
  update job_batch set done_at = clock()
   where id = batch and closed_at is not null and done_at is null
     and completed + skipped + cancelled + dead >= total
  returning * into b;
  if found and b.callback_kind is not null then
    ids := enqueue_jobs(array[b.callback_user], array[(select id from job_kind where name = b.callback_kind)],
                        array[b.callback_priority], array[b.callback_payload::text],
                        array[null::text], array[null::timestamptz], array[null::jsonb]);
    update job_batch set callback_job = ids[1] where id = batch;
  end if;
end $$;

-- Closes a batch: no job is added any more, and what it tells of its end is settled.
create or replace function close_batch(
    batch bigint, tell_user bigint, tell_kind text, tell_priority smallint, tell_payload jsonb) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  b job_batch;
begin
  perform pg_advisory_xact_lock(batch_gate(batch));
  select * into b from job_batch where id = batch for update;
  if not found then
    raise exception 'there is no batch %', batch using errcode = '22023';
  elsif b.closed_at is not null then
    raise exception 'batch % is closed already, since %', batch, b.closed_at using errcode = '22023';
  end if;
  update job_batch
     set closed_at = clock(),
         total = greatest((select count(*) from job_body j where j.batch_id = batch) - b.replaced,
                          b.completed + b.skipped + b.cancelled + b.dead),
         callback_user = tell_user, callback_kind = tell_kind, callback_priority = tell_priority,
         callback_payload = tell_payload
   where id = batch;
  perform finish_batch(batch);
end $$;

-- How the parts of a batch stand: for each unit its newest job. Live is whatever may still run.
create or replace function batch_units(batch bigint, most integer)
  returns table (unit text, user_id bigint, id bigint, state text)
language sql stable set search_path = millrace, pg_temp as $$
  select n.unit, n.user_id, n.id, coalesce(s.state, 'live')
    from (select distinct on (b.options ->> 'unit') b.options ->> 'unit' as unit, b.user_id, b.id
            from job_body b
           where b.batch_id = batch and b.options ? 'unit'
           order by b.options ->> 'unit', b.id desc
           limit most) n
    left join lateral (
         select o.state::text as state from job_outcome o where o.id = n.id and o.user_id = n.user_id
         union all
         select 'dead' from job_dead d where d.id = n.id and d.user_id = n.user_id
         limit 1) s on true
   order by n.unit
$$;

-- Lets new jobs take the places of a batch's units that failed (olds) or were missing (old null).
-- The same transaction has enqueued them with the option "replaces", inside hold_batch().
create or replace function replace_units(batch bigint, olds bigint[], news bigint[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
declare
  part record;
  b job_batch;
begin
  for part in
    select o.old, o.new, d.user_id as dead_user, e.state
      from unnest(olds, news) as o(old, new)
      left join lateral (select user_id from job_dead d where d.id = o.old and d.redriven_at is null offset 0) d on true
      left join lateral (select state::text as state from job_outcome e where e.id = o.old limit 1) e on true
     where o.new is not null
     order by o.old nulls last
  loop
    if part.dead_user is not null then
      perform repoint_children(part.dead_user, part.old, part.new);
      update job_dead set redriven_at = clock(), redriven_as = part.new
       where job_dead.id = part.old and user_id = part.dead_user;
    elsif part.state is not null then
      update job_batch
         set skipped = skipped - (part.state = 'skipped')::int, cancelled = cancelled - (part.state = 'cancelled')::int,
             replaced = replaced + 1
       where id = batch;
    else
      update job_batch set total = total + (closed_at is not null)::int where id = batch;
    end if;
  end loop;
end $$;

-- Keeps everybody else from adding to a batch, closing it or replacing its units until the end of
-- the transaction.
create or replace function hold_batch(batch bigint) returns void
language sql set search_path = millrace, pg_temp as $$
  select pg_advisory_xact_lock(batch_gate(batch))
$$;
