-- The job tables. The body of a job never changes; a narrow row says by the table it stands in what
-- state the job is in. How they work together: docs/state_machine.md.
--
-- Hot tables carry no index without a statement that needs it, and their columns stand in the order
-- that wastes no padding.

create sequence job_id;

-- Of which kinds a worker could take more at once: whoever enqueues one of them wakes it. A hint,
-- not logged; without it work waits for the next poll.
create unlogged table job_idle (
  worker  integer primary key,
  kinds   smallint[] not null
);

create table job_queue (
  name         text primary key,
  paused       boolean not null default false,
  max_running  integer check (max_running >= 0)     -- over all processes; null for no limit
);
insert into job_queue (name) values ('default');

create table job_kind (
  id            smallint generated always as identity primary key,
  name          text not null unique check (name <> ''),
  queue         text not null default 'default' references job_queue,
  paused        boolean not null default false,
  max_running   integer check (max_running >= 0),   -- over all processes, as the following two
  max_per_user  integer check (max_per_user >= 0),
  max_per_key   integer check (max_per_key >= 0),   -- for keys that job_limit does not name
  user_group    text,                               -- kinds of one group count together per user
  keyed         boolean not null default false,     -- some job of this kind names a limit key
  limited       boolean not null generated always as (
                  keyed or user_group is not null
                  or coalesce(max_running, max_per_user, max_per_key) is not null) stored,
  clock         regclass                            -- sequence: the fair tag last claimed
);

-- How many of a kind may run for one user: kinds of a group share the least of their limits.
create function user_limit(of_kind job_kind) returns integer language sql stable as $$
  select case when of_kind.user_group is null then of_kind.max_per_user
              else (select min(g.max_per_user) from millrace.job_kind g where g.user_group = of_kind.user_group) end
$$;

-- Limits of keys that jobs name themselves, over all kinds.
create table job_limit (
  key          text primary key check (key <> ''),
  hash         bigint not null unique generated always as (hashtextextended(key, 0)) stored,
  max_running  integer not null check (max_running >= 0)
);

-- Up to which tag a user's jobs of a kind have been handed out: the highest row says it. Rows are
-- added, never changed, so that nobody waits for anybody; who adds one removes those below.
create table job_tag (
  kind      smallint not null,
  user_id   bigint not null,
  last_tag  bigint not null
);
create index job_tag_last on job_tag (kind, user_id, last_tag);

create table job_body (
  id          bigint not null,
  user_id     bigint not null,
  created_at  timestamptz not null,
  batch_id    bigint,
  day         date not null,
  kind        smallint not null,
  priority    smallint not null check (priority between -10 and 10),
  dedup_key   text,
  options     jsonb,              -- parents, cost, deadline, trace, unit, key: whatever is seldom there
  payload     jsonb not null check (pg_column_size(payload) <= 5242880),
  primary key (day, id)
) partition by range (day);
create index job_body_batch on job_body (batch_id) where batch_id is not null;

-- In all of the following, ties says what else has to be looked after when the job ends:
-- 1 a row in job_dedup, 2 a batch, 4 children.

create table job_waiting (
  user_id     bigint not null,
  id          bigint not null,
  run_at      timestamptz,        -- the earliest start, once the parents are done
  limit_key   bigint,
  day         date not null,
  unfinished  integer not null check (unfinished > 0),
  kind        smallint not null,
  priority    smallint not null,
  ties        smallint not null,
  primary key (id, user_id)
);

create table job_edge (
  parent_user  bigint not null,
  parent       bigint not null,
  child_user   bigint not null,
  child        bigint not null,
  on_dead      text not null check (on_dead in ('hold', 'proceed', 'cancel')),
  primary key (parent, child, parent_user, child_user)
);

create table job_scheduled (
  user_id    bigint not null,
  id         bigint not null,
  run_at     timestamptz not null,
  limit_key  bigint,
  day        date not null,
  run        integer not null,
  kind       smallint not null,
  priority   smallint not null,
  failures   smallint not null,
  ties       smallint not null,
  why        text not null,       -- delay, retry, quota or what else a run yielded for
  primary key (id, user_id)
);
create index job_scheduled_due on job_scheduled (run_at);

create table job_ready (
  user_id    bigint not null,
  id         bigint not null,
  rank       bigint not null,     -- the fair tag less the boost of its priority
  ready_at   timestamptz not null,
  limit_key  bigint,
  day        date not null,
  run        integer not null,
  kind       smallint not null,
  priority   smallint not null,
  failures   smallint not null,
  ties       smallint not null,
  payload    text                 -- a short one rides along, which saves the claim a look at the body
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index job_ready_claim on job_ready (kind, rank, id);
create index job_ready_id on job_ready (id);

-- Ready, but over the limit of its user or key: stands aside until one of those ends.
create table job_aside (
  user_id    bigint not null,
  id         bigint not null,
  rank       bigint not null,
  ready_at   timestamptz not null,
  gate       bigint not null,     -- the user or key that is full
  limit_key  bigint,
  day        date not null,
  run        integer not null,
  kind       smallint not null,
  priority   smallint not null,
  failures   smallint not null,
  ties       smallint not null,
  primary key (id, user_id)
);
create index job_aside_gate on job_aside (gate, kind, rank, id);

create table job_running (
  user_id     bigint not null,
  id          bigint not null,
  ready_at    timestamptz not null,
  started_at  timestamptz not null,
  deadline    timestamptz not null,
  limit_key   bigint,
  user_gate   bigint,             -- what it counts against, where its kind has such limits
  key_gate    bigint,
  day         date not null,
  run         integer not null,
  worker      integer not null,
  kind        smallint not null,
  priority    smallint not null,
  failures    smallint not null,
  ties        smallint not null,
  limited     boolean not null,   -- counts against its kind and its queue
  primary key (id, user_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index job_running_user_gate on job_running (user_gate) where user_gate is not null;
create index job_running_key_gate on job_running (key_gate) where key_gate is not null;
create index job_running_limited on job_running (kind) where limited;

-- In a database that is made with hash partitions, what has been defined of a hot table holds for its
-- partitions: a user's rows are all in one of them. How many there are is a setting, database.hashPartitions.
do $$
declare
  hot text;
begin
  if ${hashPartitions} > 1 then
    foreach hot in array array['job_scheduled', 'job_ready', 'job_running'] loop
      execute format('alter table %s rename to pattern', hot);
      execute format('create table %s (like pattern including all) partition by hash (user_id)', hot);
      for i in 0 .. ${hashPartitions} - 1 loop
        -- What holds for autovacuum cannot be said of the whole.
        execute format('create table %1$s_%2$s partition of %1$s
                        for values with (modulus ${hashPartitions}, remainder %2$s) %3$s', hot, i,
                       (select 'with (' || array_to_string(reloptions, ', ') || ')'
                          from pg_class where oid = to_regclass('millrace.pattern')));
      end loop;
      drop table pattern;
    end loop;
  end if;
end $$;

-- What only some jobs have: where to go on, how far it is, how earlier attempts failed.
create table job_progress (
  user_id     bigint not null,
  id          bigint not null,
  updated_at  timestamptz not null,
  checkpoint  jsonb,
  progress    jsonb,
  attempts    jsonb,              -- the last ten errors, oldest first
  primary key (id, user_id)
);

create table job_dedup (
  user_id    bigint not null,
  dedup_key  text not null,
  id         bigint not null,
  until      timestamptz,         -- the key is taken until then even if the job ends earlier
  live       boolean not null default true,
  primary key (user_id, dedup_key)
);

create type job_end as enum ('completed', 'skipped', 'cancelled');

create table job_outcome (
  user_id      bigint not null,
  id           bigint not null,
  xid          xid8 not null,     -- the transaction that finished it: readers follow by (xid, id)
  ready_at     timestamptz,       -- null, as the next, if it never ran
  started_at   timestamptz,
  finished_at  timestamptz not null,
  day          date not null,
  body_day     date not null,
  run          integer not null,
  state        job_end not null,
  kind         smallint not null,
  failures     smallint not null,
  note         text,
  primary key (id, day, user_id)
) partition by range (day);
create index job_outcome_stream on job_outcome (xid, id);

create table job_dead (
  user_id       bigint not null,
  id            bigint not null,
  dead_at       timestamptz not null,
  redriven_at   timestamptz,      -- when a new job took its place; the row stays as its history
  redriven_as   bigint,
  day           date not null,
  run           integer not null,
  kind          smallint not null,
  priority      smallint not null,
  failures      smallint not null,
  ties          smallint not null,
  reason        text not null,
  error         jsonb not null,
  attempts      jsonb,
  xid           xid8 not null default pg_current_xact_id(),
  primary key (id, user_id)
);

create table worker (
  id          integer generated always as identity primary key,
  host        text not null,
  pid         bigint not null,
  started_at  timestamptz not null default clock(),
  expires_at  timestamptz not null,
  stopped_at  timestamptz
);

-- Makes the daily partitions from yesterday (a transaction may straddle midnight) to so many days
-- ahead. Safe to call at any time from several processes.
create function make_days(ahead integer) returns void language plpgsql as $$
declare
  d date;
  t text;
begin
  perform pg_advisory_xact_lock(hashtext('millrace.make_days'));
  for d in select generate_series(clock()::date - 1, clock()::date + ahead, interval '1 day')::date loop
    foreach t in array array['job_body', 'job_outcome'] loop
      if to_regclass(format('millrace.%s_%s', t, to_char(d, 'YYYYMMDD'))) is null then
        execute format('create table millrace.%s_%s partition of millrace.%s for values from (%L) to (%L)',
                       t, to_char(d, 'YYYYMMDD'), t, d, d + 1);
      end if;
    end loop;
  end loop;
end $$;

select make_days(7);

-- All jobs as one relation, for people; no hot statement reads it.
create view job as
  select user_id, id, day, kind, 'waiting' as state, 0 as run, 0::smallint as failures, null::timestamptz as at from job_waiting
  union all select user_id, id, day, kind, 'scheduled', run, failures, run_at from job_scheduled
  union all select user_id, id, day, kind, 'ready', run, failures, ready_at from job_ready
  union all select user_id, id, day, kind, 'ready', run, failures, ready_at from job_aside
  union all select user_id, id, day, kind, 'running', run, failures, started_at from job_running
  union all select user_id, id, body_day, kind, state::text, run, failures, finished_at from job_outcome
  union all select user_id, id, day, kind, 'dead', run, failures, dead_at from job_dead where redriven_at is null;
