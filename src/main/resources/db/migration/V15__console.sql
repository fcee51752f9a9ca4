-- What the console needs: who did what, and who is logged in.

-- One row for each action, written in the action's own transaction. It also makes a repeated request
-- harmless: who sends the same key again gets the answer of the first time.
create table audit_log (
  id               bigint generated always as identity primary key,
  at               timestamptz not null default clock(),
  actor            text not null,             -- the name of a token, or an address
  role             text not null,
  action           text not null,             -- such as job.cancel
  target           text not null,             -- such as job 17
  origin           text not null,             -- the address that it came from
  detail           jsonb not null,            -- what was asked for
  result           jsonb not null,            -- what was answered
  idempotency_key  text,
  fingerprint      text                       -- of the request that had the key
);
create unique index audit_log_key on audit_log (actor, idempotency_key) where idempotency_key is not null;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end $$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_change();
-- Also where triggers are switched off for a session.
alter table audit_log enable always trigger audit_log_append_only;

create table console_session (
  id          bytea primary key,              -- SHA-256 of what the browser holds
  email       text not null,
  created_at  timestamptz not null default clock(),
  expires_at  timestamptz not null
);

-- The ids between which all jobs are that are not forgotten: low is the least, high is above all.
create function job_span(out low bigint, out high bigint)
language sql stable security definer set search_path = millrace, pg_temp as $$
  select coalesce(least((select min(id) from job_waiting), (select min(id) from job_scheduled),
                        (select min(id) from job_ready), (select min(id) from job_aside),
                        (select min(id) from job_running), (select min(id) from job_outcome),
                        (select min(id) from job_dead)), n), n
    from (select last_value + 1 as n from job_id) s
$$;

-- What dead letters of one cause have in common: whatever differs between them is left out.
create function dead_group(kind smallint, reason text, error jsonb) returns text
language sql immutable parallel safe as $$
  select md5(concat_ws('|', kind, reason, error ->> 'failure', error ->> 'class',
                       regexp_replace(left(lower(error ->> 'message'), 300), '[0-9a-f]{8,}|[0-9]+', '#', 'g')))
$$;
