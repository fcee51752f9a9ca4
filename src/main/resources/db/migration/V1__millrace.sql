-- The schema of Millrace. Flyway runs this with search_path set to the schema "millrace".
-- How the job tables work together: docs/state_machine.md.

-- The one clock for due times, leases and the quota ledger. Tests shift it for a whole database:
-- alter database … set millrace.clock_shift = '1 hour'.
create function clock() returns timestamptz language sql stable as $$
  select statement_timestamp()
       + coalesce(nullif(current_setting('millrace.clock_shift', true), '')::interval, interval '0')
$$;

-- ---------------------------------------------------------------------------------------------
-- Accounts and mailboxes. A user has one mailbox, so user_id names both.

create table account (
  user_id     bigint generated always as identity primary key,
  email       text not null unique check (email = lower(email) and email <> ''),
  weight      smallint not null default 1 check (weight between 1 and 1000),
  created_at  timestamptz not null default clock()
);

create table google_token (
  user_id        bigint primary key references account,
  refresh_token  bytea not null,             -- AEAD, the user's id is the associated data
  dead_reason    text,                       -- why Google no longer accepts it; null while it does
  updated_at     timestamptz not null default clock()
);

create table mailbox (
  user_id              bigint primary key references account,
  cursor               numeric(20),          -- history id up to which all is accounted for
  notified_history_id  numeric(20),
  full_run             bigint,               -- the last full run, finished or not
  synced_at            timestamptz,          -- when it was last found complete
  trouble              text                  -- what the user or the operator must do; null if nothing
);

-- One pass over a mailbox. The counts move in the transactions that store what they count, and
-- listed = stored + duplicate + gone + dead_lettered at every commit.
create table sync_run (
  user_id         bigint not null references account,
  run_id          bigint generated always as identity,
  mode            text not null check (mode in ('full', 'delta')),
  phase           text not null default 'list' check (phase in ('list', 'history', 'recount', 'complete')),
  first_history   numeric(20) not null,
  estimate        bigint not null default 0, -- messages in the mailbox when the run began
  listed          bigint not null default 0,
  stored          bigint not null default 0,
  duplicate       bigint not null default 0,
  gone            bigint not null default 0,
  dead_lettered   bigint not null default 0,
  units_spent     bigint not null default 0,
  calls           bigint not null default 0,
  throttled       bigint not null default 0,
  bytes_received  bigint not null default 0,
  started_at      timestamptz not null default clock(),
  finished_at     timestamptz,
  primary key (user_id, run_id),
  check (listed = stored + duplicate + gone + dead_lettered)
);

-- What became of a listed id that its run did not store. With the messages stored by the run this
-- is the proof that each id was counted once; a finished run's rows may go.
create table sync_fate (
  user_id  bigint not null,
  run_id   bigint not null,
  id       text not null,
  fate     text not null check (fate in ('duplicate', 'gone', 'dead')),
  primary key (user_id, run_id, id)
);

create table message (
  user_id        bigint not null,
  id             text not null,
  thread_id      text not null,
  history_id     numeric(20) not null,
  internal_date  timestamptz not null,
  label_ids      text[] not null,
  size_estimate  integer not null,
  snippet        text not null,
  format         text not null check (format in ('minimal', 'metadata', 'full')),
  body_omitted   boolean not null,           -- too large to fetch; metadata was taken instead
  payload        bytea not null,             -- Gmail's payload object, JSON, zlib; empty if minimal
  run_id         bigint not null,            -- the run that stored it
  stored_at      timestamptz not null default clock(),
  deleted_at     timestamptz,                -- when history said that it is no more
  primary key (user_id, id)
) partition by hash (user_id);

do $$
begin
  for i in 0 .. ${partitions} - 1 loop
    execute format('create table message_%s partition of message
                    for values with (modulus ${partitions}, remainder %s)', i, i);
    -- The client has compressed it already: PostgreSQL must not try again.
    execute format('alter table message_%s alter column payload set storage external', i);
  end loop;
end $$;

create table message_dead (
  user_id   bigint not null,
  id        text not null,
  run_id    bigint not null,
  reason    text not null,                   -- the failure's class
  sentence  text not null,                   -- what happened, for a person
  attempts  integer not null,
  dead_at   timestamptz not null default clock(),
  primary key (user_id, id)
);

create table interaction (
  user_id          bigint not null,
  message_id       text not null,
  thread_id        text not null,
  at               timestamptz not null,
  direction        text not null,
  subject          text not null,
  participants     jsonb not null,
  text             text not null,
  text_truncated   boolean not null,
  attachments      jsonb not null,
  rfc_message_id   text,
  in_reply_to      text,
  reference_ids    text[] not null,
  flaws            text[] not null,          -- what was broken in the message, as short codes
  normalized_at    timestamptz not null default clock(),
  primary key (user_id, message_id)
);

create table contact (
  user_id     bigint not null,
  address     text not null,
  name        text,
  first_seen  timestamptz not null,
  last_seen   timestamptz not null,
  inbound     bigint not null,
  outbound    bigint not null,
  primary key (user_id, address)
);

-- ---------------------------------------------------------------------------------------------
-- Quota: up to where each bucket's timeline has been handed out, and until when it is closed.

create table quota_ledger (
  scope         text not null check (scope in ('user', 'project', 'day')),
  key           bigint not null,             -- user id; 0 for the project; the day's number
  leased_until  timestamptz,                 -- user and project: pieces of time
  leased_units  bigint not null default 0,   -- day: units
  closed_until  timestamptz,                 -- Google named this instant; no call before it
  time_scale    double precision not null,
  primary key (scope, key)
);

-- ---------------------------------------------------------------------------------------------
-- Jobs. The body never changes; a narrow row says by the table it stands in what state the job is
-- in. Hot tables carry no index without a statement that needs it.

create sequence job_id;

create table job_kind (
  id     smallint generated always as identity primary key,
  name   text not null unique
);

create table job_body (
  day           date not null,
  id            bigint not null,
  user_id       bigint not null,
  kind          smallint not null,
  priority      smallint not null,
  payload       jsonb not null check (pg_column_size(payload) <= 5242880),
  dedup_key     text,
  created_at    timestamptz not null,
  primary key (day, id)
) partition by range (day);

create table job_waiting (
  user_id   bigint not null,
  id        bigint not null,
  day       date not null,
  kind      smallint not null,
  priority  smallint not null,
  keyed      boolean not null,               -- holds a row in job_dedup
  unfinished integer not null check (unfinished > 0),
  primary key (user_id, id)
);

create table job_edge (
  parent_user  bigint not null,
  parent       bigint not null,
  child_user   bigint not null,
  child        bigint not null,
  on_dead      text not null check (on_dead in ('hold', 'proceed', 'cancel')),
  primary key (parent_user, parent, child_user, child)
);

create table job_scheduled (
  user_id   bigint not null,
  id        bigint not null,
  day       date not null,
  kind      smallint not null,
  priority  smallint not null,
  keyed     boolean not null,
  run       integer not null,
  failures  smallint not null,
  run_at    timestamptz not null,
  why       text not null,                   -- delay, retry or quota
  primary key (user_id, id)
);
create index job_scheduled_due on job_scheduled (run_at);

create table job_ready (
  user_id   bigint not null,
  id        bigint not null,
  day       date not null,
  kind      smallint not null,
  priority  smallint not null,
  keyed     boolean not null,
  rank      bigint not null,
  run       integer not null,
  failures  smallint not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index job_ready_claim on job_ready (kind, rank, id);

create table job_running (
  user_id     bigint not null,
  id          bigint not null,
  day         date not null,
  kind        smallint not null,
  priority    smallint not null,
  keyed     boolean not null,
  run         integer not null,
  failures    smallint not null,
  worker      bigint not null,
  started_at  timestamptz not null,
  deadline    timestamptz not null,
  primary key (user_id, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

create table job_progress (
  user_id     bigint not null,
  id          bigint not null,
  checkpoint  jsonb not null,
  updated_at  timestamptz not null,
  primary key (user_id, id)
);

create table job_dedup (
  user_id    bigint not null,
  dedup_key  text not null,
  id         bigint not null,
  primary key (user_id, dedup_key)
);

create table job_outcome (
  day          date not null,
  user_id      bigint not null,
  id           bigint not null,
  body_day     date not null,
  kind         smallint not null,
  state        text not null check (state in ('completed', 'skipped', 'cancelled')),
  run          integer not null,
  failures     smallint not null,
  note         text,
  started_at   timestamptz not null,
  finished_at  timestamptz not null,
  primary key (user_id, id, day)
) partition by range (day);

create table job_dead (
  user_id    bigint not null,
  id         bigint not null,
  day        date not null,
  kind       smallint not null,
  priority   smallint not null,
  run        integer not null,
  failures   smallint not null,
  reason     text not null,
  error      jsonb not null,
  dead_at    timestamptz not null,
  primary key (user_id, id)
);

create table worker (
  id          bigint generated always as identity primary key,
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

-- The order of the ready ones: time of becoming ready, a minute earlier for each step of priority,
-- so that low priorities age by themselves.
create function rank_of(priority smallint) returns bigint language sql stable as $$
  select (extract(epoch from clock()) * 1000000)::bigint - priority * 60000000::bigint
$$;

-- All jobs as one relation, for people; no hot statement reads it.
create view job as
  select user_id, id, day, kind, 'waiting' as state, 0 as run, 0::smallint as failures, null::timestamptz as at from job_waiting
  union all select user_id, id, day, kind, 'scheduled', run, failures, run_at from job_scheduled
  union all select user_id, id, day, kind, 'ready', run, failures, null from job_ready
  union all select user_id, id, day, kind, 'running', run, failures, started_at from job_running
  union all select user_id, id, body_day, kind, state, run, failures, finished_at from job_outcome
  union all select user_id, id, day, kind, 'dead', run, failures, dead_at from job_dead;
