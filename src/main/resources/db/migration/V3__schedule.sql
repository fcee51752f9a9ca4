-- What is enqueued again and again, at times of the database's clock.

create table schedule (
  name        text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  user_id     bigint not null,
  kind        text not null,
  priority    smallint not null check (priority between -10 and 10),
  payload     jsonb not null check (octet_length(payload::text) <= 16384),
  spec        text not null,                 -- "cron: 0 6 * * *" or "every: PT15M"
  zone        text not null,                 -- in which a cron expression is read
  misfire     text not null check (misfire in ('skip', 'once', 'all')),
  paused      boolean not null,
  anchor      timestamptz not null,          -- intervals count from here: when this spec was first seen
  next_at     timestamptz,                   -- null: never again, or see trouble
  last_at     timestamptz,                   -- the due time of the newest run, not when it ran
  last_job    bigint,
  trouble     text,                          -- why it is not run any more; null if nothing
  created_at  timestamptz not null default clock(),
  updated_at  timestamptz not null default clock()
);
create index schedule_due on schedule (next_at) where not paused;
