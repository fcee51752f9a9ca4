-- What owners of mailboxes need: consent by their browser and their mail, the newest first; and an
-- audit log that ends somewhere.

-- Who was sent to Google's page of consent and has not come back; a row is taken once.
create table console_consent (
  state       bytea primary key,             -- SHA-256 of what the browser brings back
  browser     bytea not null,                -- SHA-256 of what the browser holds
  actor       text not null,                 -- role and name of who asked
  email       text,                          -- whose mailbox is wanted; null: any
  redirect    text not null,
  expires_at  timestamptz not null
);
create index console_consent_actor on console_consent (actor, expires_at);

-- Owners read their newest mail first, a page at a time.
create index message_newest on message (user_id, internal_date desc, id desc) where deleted_at is null;

-- Rows may go when they are old, by forget_audit and in no other way; none is ever changed.
drop trigger audit_log_append_only on audit_log;
create trigger audit_log_append_only before update or truncate on audit_log
  for each statement execute function refuse_change();
alter table audit_log enable always trigger audit_log_append_only;

create function refuse_forgetting() returns trigger language plpgsql as $$
begin
  if old.at > clock() - interval '30 days'
     or current_setting('millrace.forget', true) is distinct from 'audit_log' then
    raise exception '% is append-only', tg_table_name using errcode = '42501';
  end if;
  return old;
end $$;
create trigger audit_log_kept before delete on audit_log
  for each row execute function refuse_forgetting();
alter table audit_log enable always trigger audit_log_kept;

-- Forgets rows older than so many days, at least 30, the oldest first and a bounded number at once;
-- answers how many it looked at and forgot.
create function forget_audit(days integer, most integer) returns integer
language plpgsql set search_path = millrace, pg_temp set millrace.forget = 'audit_log' as $$
declare
  gone integer;
begin
  delete from audit_log
   where id = any (array(select id from audit_log order by id limit most))
     and at < clock() - greatest(30, days) * interval '1 day';
  get diagnostics gone = row_count;
  return gone;
end $$;
