-- What is read on behalf of an end user goes by a role that owns nothing and cannot bypass row
-- security. Which user it is stands in the setting millrace.user, for one transaction; without it
-- there is no row to see.

do $$
begin
  if not exists (select from pg_roles where rolname = 'millrace_reader') then
    begin
      create role millrace_reader nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    exception
      when insufficient_privilege then
        raise exception 'the role millrace_reader is missing and may not be made by %: let an administrator run: create role millrace_reader nologin; grant millrace_reader to %',
          current_user, current_user using errcode = '42501';
      when duplicate_object then null;  -- Another database of this server is being made as well.
    end;
  end if;
  if exists (select from pg_roles where rolname = 'millrace_reader' and (rolsuper or rolbypassrls)) then
    raise exception 'the role millrace_reader may bypass row security: alter role millrace_reader nosuperuser nobypassrls'
      using errcode = '42501';
  end if;
  if not pg_has_role(current_user, 'millrace_reader', 'member') then
    execute format('grant millrace_reader to %I', current_user);
  end if;
end $$;

-- Null if it is not set, or makes no sense: then no row is anybody's.
create function reader() returns bigint language sql stable parallel safe as $$
  select case when current_setting('millrace.user', true) ~ '^[0-9]{1,18}$'
              then current_setting('millrace.user', true)::bigint end
$$;

-- The view must look with the rights of whoever asks.
alter view job set (security_invoker = on);

do $$
declare
  t text;
begin
  foreach t in array array['account', 'mailbox', 'sync_run', 'message', 'message_dead', 'interaction', 'contact',
                           'attachment', 'job_body', 'job_waiting', 'job_scheduled', 'job_ready', 'job_aside',
                           'job_running', 'job_progress', 'job_outcome', 'job_dead', 'job_dedup', 'job_batch'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy own on %I for select to millrace_reader using (user_id = (select millrace.reader()))', t);
    execute format('grant select on %I to millrace_reader', t);
  end loop;
end $$;

alter table job_edge enable row level security;
create policy own on job_edge for select to millrace_reader
  using (parent_user = (select millrace.reader()) and child_user = (select millrace.reader()));
grant select on job_edge to millrace_reader;

-- Nobody's in particular.
grant select on job_kind, job_queue to millrace_reader;
grant select on job to millrace_reader;
grant usage on schema millrace to millrace_reader;
