-- Makes kinds known and gives each its clock. Only what is missing takes a number: a conflict, too,
-- would use one up.
create or replace function know_kinds(names text[]) returns void language plpgsql
set search_path = millrace, pg_temp as $$
declare
  missing text;
  made smallint;
begin
  if not exists (select from unnest(names) n where not exists (select from job_kind k where k.name = n)) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('millrace.know_kinds'));
  for missing in select distinct n from unnest(names) n
                  where not exists (select from job_kind k where k.name = n) order by n loop
    insert into job_kind (name) values (missing) returning id into made;
    execute format('create sequence millrace.job_clock_%s', made);
    update job_kind set clock = format('millrace.job_clock_%s', made)::regclass where id = made;
  end loop;
end $$;
