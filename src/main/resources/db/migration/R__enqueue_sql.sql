-- The way in for other languages, inside their own transactions: select millrace.enqueue(7,
-- 'greet', '{"name": "Ada"}', priority => 2). Answers the job's id, null where a live job holds the
-- same dedup key (on_duplicate says what becomes of that). The payload's shape and size are checked
-- here; whether the kind accepts it is seen by the worker that claims it, which runs no other.
--
-- Runs with the rights of its owner: an application needs USAGE on the schema and EXECUTE on this
-- function, and gets no access to anybody's jobs by that.
create or replace function enqueue(
    user_id bigint,
    kind text,
    payload jsonb default '{}',
    priority integer default 0,
    run_at timestamptz default null,
    delay interval default null,
    dedup_key text default null,
    dedup_window interval default null,
    on_duplicate text default 'ignore',
    batch_id bigint default null,
    parents bigint[] default null,
    on_dead text default 'hold',
    cost double precision default null,
    limit_key text default null,
    deadline timestamptz default null,
    trace_parent text default null,
    unit text default null)
  returns bigint language plpgsql security definer
  set search_path = millrace, pg_temp
  set enable_seqscan = off as $$
#variable_conflict use_variable
declare
  wrong text;
  options jsonb;
  kind_id smallint;
begin
  wrong := case
    when user_id is null then 'user_id is null; it names whose job it is'
    when kind is null or kind !~ '^[A-Za-z][A-Za-z0-9_.-]{0,62}$' then
      format('kind is %L; it begins with a letter and has at most 63 letters, digits, _, . and -', left(kind, 80))
    when payload is null or jsonb_typeof(payload) <> 'object' then
      format('payload is %s; it must be a JSON object', coalesce('a JSON ' || jsonb_typeof(payload), 'null'))
    when octet_length(payload::text) > 5242880 then
      format('payload has %s bytes as text; at most 5242880 are allowed', octet_length(payload::text))
    when priority is null or priority not between -10 and 10 then
      format('priority is %s; it must be between -10 and 10', coalesce(priority::text, 'null'))
    when run_at is not null and delay is not null then 'run_at and delay are both given; one of them says when'
    when not isfinite(run_at) then format('run_at is %s; it must be a point in time', run_at)
    when delay < interval '0' or delay > interval '10 years' then
      format('delay is %s; it must be between 0 and 10 years', delay)
    when length(dedup_key) not between 1 and 500 then
      format('dedup_key has %s characters; it must have 1 to 500', length(dedup_key))
    when dedup_key is null and dedup_window is not null then 'dedup_window is given without a dedup_key'
    when dedup_window < interval '0' or dedup_window > interval '10 years' then
      format('dedup_window is %s; it must be between 0 and 10 years', dedup_window)
    when on_duplicate is null or on_duplicate not in ('ignore', 'replace', 'push') then
      format('on_duplicate is %L; it must be ignore, replace or push', left(on_duplicate, 80))
    when array_position(parents, null) is not null then 'parents contains null; it must contain ids of jobs'
    when cardinality(parents) > 10000 then
      format('parents has %s members; at most 10000 are allowed', cardinality(parents))
    when on_dead is null or on_dead not in ('hold', 'proceed', 'cancel') then
      format('on_dead is %L; it must be hold, proceed or cancel', left(on_dead, 80))
    when cost not between 0.001 and 1000000 then format('cost is %s; it must be between 0.001 and 1000000', cost)
    when length(limit_key) not between 1 and 200 then
      format('limit_key has %s characters; it must have 1 to 200', length(limit_key))
    when not isfinite(deadline) then format('deadline is %s; it must be a point in time', deadline)
    when length(trace_parent) > 200 then
      format('trace_parent has %s characters; at most 200 are allowed', length(trace_parent))
    when length(unit) not between 1 and 500 then
      format('unit has %s characters; it must have 1 to 500', length(unit))
  end;
  if wrong is not null then
    raise exception using errcode = '22023', message = 'millrace.enqueue: ' || wrong;
  end if;

  select k.id into kind_id from job_kind k where k.name = kind;
  if not found then
    if (select count(*) from job_kind) >= 1000 then
      raise exception using errcode = '22023', message = format(
        'millrace.enqueue: kind %L is not known, and there are 1000 kinds already', kind);
    end if;
    perform know_kinds(array[kind]);
    select k.id into kind_id from job_kind k where k.name = kind;
  end if;

  options := nullif(jsonb_strip_nulls(jsonb_build_object(
    'window', extract(epoch from dedup_window)::float,
    'onDuplicate', nullif(on_duplicate, 'ignore'),
    'batch', batch_id,
    'parents', to_jsonb(nullif(parents, '{}')),
    'onDead', case when cardinality(parents) > 0 then on_dead end,
    'cost', cost,
    'key', limit_key,
    'deadline', extract(epoch from deadline)::float,
    'trace', trace_parent,
    'unit', unit)), '{}');
  return (enqueue_jobs(array[user_id], array[kind_id], array[priority::smallint], array[payload::text],
                       array[dedup_key], array[coalesce(run_at, clock() + delay)], array[options]))[1];
end $$;

revoke all on function enqueue(
  bigint, text, jsonb, integer, timestamptz, interval, text, interval, text, bigint, bigint[], text,
  double precision, text, timestamptz, text, text) from public;
