-- What operators, checks, retention and followers of the stream of changes need.

-- Running jobs that somebody wants to end. The run's process reads it; the 8 in the ties of
-- job_running makes it final whatever that process does.
create table job_cancel (
  user_id    bigint not null,
  id         bigint not null,
  run        integer not null,
  reason     text not null,
  wanted_at  timestamptz not null,
  primary key (id, user_id)
);

-- Which kinds a worker runs: a kind that nobody runs is waited for in vain.
alter table worker add kinds smallint[] not null default '{}';

alter table job_kind add keep_days smallint check (keep_days between 1 and 3650);  -- null: the default

-- A payload that an operator put in place of the body's, for when the letter is redriven.
alter table job_dead add payload jsonb check (pg_column_size(payload) <= 5242880);
create index job_dead_at on job_dead (dead_at, id);
create index job_dead_kind on job_dead (kind, dead_at, id);
create index job_dead_user on job_dead (user_id, dead_at, id);
create index job_dead_stream on job_dead (xid, id);
create index job_dead_redriven on job_dead (redriven_at) where redriven_at is not null;

-- Keys whose jobs have ended: they go when their window is over.
create index job_dedup_over on job_dedup (until) where not live;

-- How far a follower of the stream of changes has come; moved in the follower's own transaction.
create table change_cursor (
  name      text primary key check (name <> ''),
  xid       xid8 not null default '0',
  id        bigint not null default 0,
  moved_at  timestamptz not null default clock()
);

-- What the stream adds up to, by day of the end: the overview reads this and never the history.
create table job_tally (
  day      date not null,
  kind     smallint not null,
  state    text not null check (state in ('completed', 'skipped', 'cancelled', 'dead')),
  jobs     bigint not null,
  ran      bigint not null,         -- how many of them began at all and tell how long they took
  run_ms   bigint not null,         -- of the last run, all together
  wait_ms  bigint not null,         -- from ready to the start of the last run, all together
  primary key (day, kind, state)
);

-- Whose turn it is to look after something: a task runs once in its interval, over all processes.
create table upkeep (
  task     text primary key,
  next_at  timestamptz not null
);
