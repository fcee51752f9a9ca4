-- Limits that hold over all processes: of a kind, of a queue, of a user and of a key. How they are
-- counted: R__claim_limited.sql and R__gates.sql.

-- Before a limit changes: waits for claims under way and for transactions that hold a run, and keeps
-- new ones waiting, so that each claim knows either the old limits or the new, and no row that is
-- counted anew is held by another. The table comes before every row, in a pause too, or two changes
-- could wait for each other. Gives up after three seconds rather than hold up everybody.
create or replace function limits_change() returns trigger
language plpgsql set search_path = millrace, pg_temp as $$
begin
  perform set_config('lock_timeout', '3s', true);
  lock table job_running in exclusive mode;
  return null;
end $$;

-- After it: what runs already counts as well, and who stands aside may have room now.
create or replace function limits_changed() returns trigger
language plpgsql set search_path = millrace, pg_temp as $$
begin
  with kind as (
    select k.id, user_limit(k) is not null as per_user, gate_name(k) as share,
           k.max_running is not null or q.max_running is not null as counted,
           exists (select from job_kind where max_per_key is not null) as all_keys
      from job_kind k join job_queue q on q.name = k.queue
     where k.limited or q.max_running is not null
  ), wanted as (
    select r.user_id, r.id, r.run, r.limited or k.counted as limited,
           case when k.per_user then hashtextextended(k.share, r.user_id) end as user_gate,
           case when k.all_keys or exists (select from job_limit l where l.hash = r.limit_key)
                then r.limit_key else r.key_gate end as key_gate
      from job_running r join kind k on k.id = r.kind
  )
  update job_running r
     set limited = w.limited, user_gate = w.user_gate, key_gate = w.key_gate
    from wanted w
   where r.id = w.id and r.user_id = w.user_id and r.run = w.run
     and (r.limited, r.user_gate, r.key_gate) is distinct from (w.limited, w.user_gate, w.key_gate);
  perform setval('job_key_peak', 0);
  perform release_stranded(256);
  return null;
end $$;

create or replace trigger limits_change
  before update of queue, paused, max_running, max_per_user, max_per_key, user_group on job_kind
  for each statement execute function limits_change();
create or replace trigger limits_changed
  after update of queue, paused, max_running, max_per_user, max_per_key, user_group on job_kind
  for each statement execute function limits_changed();
create or replace trigger limits_change
  before update of paused, max_running on job_queue
  for each statement execute function limits_change();
create or replace trigger limits_changed
  after update of paused, max_running on job_queue
  for each statement execute function limits_changed();
create or replace trigger limits_change
  before insert or update or delete on job_limit
  for each statement execute function limits_change();
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
