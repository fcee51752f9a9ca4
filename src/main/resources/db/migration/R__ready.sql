-- How far ahead of its fair turn a job comes for its priority: one step is worth ten thousand jobs
-- of cost 1 and weight 1, so that what is less urgent comes to its turn by itself.
create or replace function boost(priority smallint) returns bigint language sql immutable as $$
  select priority * 10000000::bigint
$$;

-- Moves the virtual clock of a kind on. It never goes back, or a user's next job would overtake the
-- last: who cannot have its lock at once leaves it to who has.
create or replace function tick(kind smallint, clock regclass, tag bigint) returns void
language plpgsql as $$
begin
  if tag > coalesce(pg_sequence_last_value(clock), 0)
     and pg_try_advisory_xact_lock(hashtext('millrace.tick'), kind) then
    -- It may have moved before the lock was had.
    if tag > coalesce(pg_sequence_last_value(clock), 0) then
      perform setval(clock, tag);
    end if;
  end if;
end $$;

-- Makes jobs ready, each with its fair rank. Per kind there is a virtual clock, the tag last
-- claimed; a user's jobs get tags a job's cost apart, from the clock or from the user's last tag,
-- whichever is later: a user with a million jobs is spread out, one with a single job comes in at
-- once. (Start-time fair queueing: Goyal, Vin and Cheng, SIGCOMM 1996.) A thousand points are a job
-- of cost 1 and weight 1.
--
-- The last tag is kept only now and then, in steps of 64 jobs on average. Where it is not, the jobs
-- share one tag and go by their ids: a user's jobs of one priority always leave in the order of the
-- calls that brought them.
--
-- Null days are today, null numbers 0. Payloads, where they are given, must be what the bodies hold;
-- null ones are read from there.
create or replace function make_ready(
    users bigint[], ids bigint[], days date[], kinds smallint[], priorities smallint[], ties smallint[],
    limit_keys bigint[], runs integer[], failures smallint[], costs real[], payloads text[] default null)
  returns void language plpgsql set search_path = millrace, pg_temp as $$
declare
  moment timestamptz := clock();
  today date := (moment at time zone 'UTC')::date;
begin
  with input as materialized (
    select i.*, ceil(coalesce(i.cost, 1) * 1000 / coalesce(a.weight, 1))::bigint as points
      from unnest(users, ids, days, kinds, priorities, ties, limit_keys, runs, failures, costs, payloads)
           with ordinality
           as i(user_id, id, day, kind, priority, ties, limit_key, run, failures, cost, payload, ord)
      left join account a on a.user_id = i.user_id
  ), share as materialized (
    select s.*, greatest(coalesce(pg_sequence_last_value(k.clock), 0), coalesce(t.last_tag, 0)) as base,
           total >= 64000 or random() * 64000 < total as keep
      from (select user_id, kind, sum(points)::bigint as total from input group by user_id, kind) s
      join job_kind k on k.id = s.kind
      left join lateral (
           select last_tag from job_tag t where t.kind = s.kind and t.user_id = s.user_id
            order by last_tag desc limit 1) t on true
  ), kept as (
    insert into job_tag (kind, user_id, last_tag)
    select kind, user_id, base + greatest(total, 64000) from share where keep
  ), passed as (
    delete from job_tag
     where ctid = any (array(
             select t.spot from share s
              cross join lateral (
                    select ctid as spot from job_tag t
                     where t.kind = s.kind and t.user_id = s.user_id and t.last_tag <= s.base
                       for update skip locked) t
              where s.keep))
  )
  insert into job_ready (user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties, payload)
  select i.user_id, i.id,
         s.base - boost(i.priority)
         + case when s.keep then sum(i.points) over (partition by i.kind, i.user_id order by i.ord) - i.points + 1
                else 1 end,
         moment, i.limit_key, coalesce(i.day, today), coalesce(i.run, 0), i.kind, i.priority, coalesce(i.failures, 0),
         coalesce(i.ties, 0), case when length(i.payload) <= 200 then i.payload end
    from input i
    join share s on s.kind = i.kind and s.user_id = i.user_id
   order by i.id;
end $$;
