-- What is wrong now and was, how queues have done, and what users have spent.

-- What is beyond a threshold or about to be told so; nothing else has a row. Who evaluates holds the
-- row, so that processes follow one another.
create table alert (
  source         text not null,
  subject        text not null,              -- the kind, the process, the check or the user; may be empty
  level          text not null check (level in ('ok', 'warn', 'critical')),
  since          timestamptz not null,       -- of the level
  pending        text check (pending in ('ok', 'warn', 'critical')),
  pending_since  timestamptz,
  value          double precision not null,
  threshold      double precision not null,
  seen_at        timestamptz not null,       -- when there were figures last: without any it is over
  primary key (source, subject),
  check ((pending is null) = (pending_since is null))
);

create table alert_event (
  id         bigint generated always as identity primary key,
  at         timestamptz not null,
  source     text not null,
  subject    text not null,
  level      text not null,
  was        text not null,
  value      double precision,               -- null: there were no figures any more
  threshold  double precision not null,
  sentence   text not null
);
create index alert_event_at on alert_event (at);

-- How each kind did in the time before a sample; done, failed, ran, run_ms and wait_ms are of that time.
create table health_sample (
  kind       text not null,
  at         timestamptz not null,
  queue      text not null,
  score      smallint not null check (score between 0 and 100),
  lost       jsonb not null,                 -- what took points off: [{"points": 20, "why": "…"}]
  ready      bigint not null,
  oldest_ms  double precision,
  done       bigint not null,
  failed     bigint not null,
  ran        bigint not null,
  run_ms     bigint not null,
  wait_ms    bigint not null,
  primary key (kind, at)
);
create index health_sample_at on health_sample (at);

-- What a user's work took on a day, in UTC: by kind, where calls to Google have the kind that makes
-- them. What it costs is told by the prices in force when somebody asks.
create table usage_daily (
  day      date not null,
  user_id  bigint not null,
  kind     text not null,
  units    bigint not null default 0,
  calls    bigint not null default 0,
  bytes    bigint not null default 0,
  tokens   bigint not null default 0,
  jobs     bigint not null default 0,        -- that ended, well or not
  dead     bigint not null default 0,        -- of them, for good
  run_ms   bigint not null default 0,
  primary key (day, user_id, kind)
) with (fillfactor = 70);                    -- a user's row changes all day
