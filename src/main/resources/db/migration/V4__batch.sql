-- Batches of jobs, and what it takes to look after the children of jobs that ended.

create table job_batch (
  id                 bigint generated always as identity primary key,
  user_id            bigint not null,
  name               text not null check (length(name) between 1 and 200),
  min_ratio          real not null default 0.67 check (min_ratio between 0 and 1),
  total              bigint not null default 0,     -- known once it is closed
  completed          bigint not null default 0,
  skipped            bigint not null default 0,
  cancelled          bigint not null default 0,
  dead               bigint not null default 0,
  replaced           bigint not null default 0,     -- jobs whose place another one took: not in total
  dimensions         jsonb check (pg_column_size(dimensions) <= 65536),
  callback_user      bigint,
  callback_kind      text,
  callback_priority  smallint check (callback_priority between -10 and 10),
  callback_payload   jsonb check (jsonb_typeof(callback_payload) = 'object'),
  callback_job       bigint,                        -- the job that told of its end
  created_at         timestamptz not null default clock(),
  closed_at          timestamptz,                   -- from then on no job is added
  done_at            timestamptz                    -- when, closed, all its jobs had ended for the first time
);
create index job_batch_user on job_batch (user_id, id);

-- Jobs that ended and whose children are not all looked after: there were too many for one
-- transaction, or they were cancelled in their turn.
create table job_cascade (
  user_id  bigint not null,
  id       bigint not null,
  state    text not null check (state in ('completed', 'skipped', 'cancelled', 'dead')),
  primary key (id, user_id)
);

-- A job that ended, with what is known of its end, as it goes from function to function.
create type job_ended as (user_id bigint, id bigint, day date, ties smallint, state text);

-- A parent that was found: the id that was asked for, what goes by it now (a dead job's successor
-- has another), and its fate: live, done, cancelled or dead.
create type job_parent as (asked bigint, user_id bigint, id bigint, fate text);

-- What jsonb writes is what the workers read. With a space after each comma and colon it is longer
-- than what was sent, but never twice as long.
alter table job_body drop constraint job_body_payload_check;
alter table job_body add constraint job_body_payload_check check (octet_length(payload::text) <= 2 * 5242880);
