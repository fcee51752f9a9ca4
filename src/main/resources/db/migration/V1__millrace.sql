-- Accounts, mailboxes, mail and quota. Flyway runs this with search_path set to "millrace".

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
