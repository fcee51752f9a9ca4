-- Copies the bodies of jobs that are not over (dead ones that may yet be redriven among them) from an
-- old day to today, so that the day can be dropped: at most so many of each sort. Since ids and days
-- grow together, only the oldest unfinished jobs are looked at. Answers how many were carried.
create or replace function carry_bodies(from_day date, most integer) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  today date := (clock() at time zone 'UTC')::date;
  top bigint := (select max(id) from job_body where day = from_day);
  ids bigint[];
  spots tid[];
begin
  if top is null or today <= from_day then
    return 0;
  end if;
  with ready as materialized (
    select id from job_ready where id <= top and day = from_day order by id limit most for update skip locked
  ), aside as materialized (
    select id from job_aside where id <= top and day = from_day order by id limit most for update skip locked
  ), scheduled as materialized (
    select id from job_scheduled where id <= top and day = from_day order by id limit most for update skip locked
  ), waiting as materialized (
    select id from job_waiting where id <= top and day = from_day order by id limit most for update skip locked
  ), running as materialized (
    select id from job_running where id <= top and day = from_day order by id limit most for update skip locked
  ), dead as materialized (
    select id from job_dead where id <= top and day = from_day and redriven_at is null
     order by id limit most for update skip locked
  )
  select array_agg(id) into ids
    from (table ready union table aside union table scheduled union table waiting union table running
          union table dead) l;
  if ids is null then
    return 0;
  end if;
  insert into job_body (id, user_id, created_at, batch_id, day, kind, priority, dedup_key, options, payload)
  select id, user_id, created_at, batch_id, today, kind, priority, dedup_key, options, payload
    from job_body where day = from_day and id = any (ids)
      on conflict do nothing;
  update job_ready set day = today where id = any (ids) and day = from_day;
  update job_aside set day = today where id = any (ids) and day = from_day;
  update job_scheduled set day = today where id = any (ids) and day = from_day;
  update job_waiting set day = today where id = any (ids) and day = from_day;
  update job_running set day = today where id = any (ids) and day = from_day;
  update job_dead set day = today where id = any (ids) and day = from_day;
  return cardinality(ids);
end $$;

-- Whether a job that is not over still has its body in a day.
create or replace function day_in_use(of_day date) returns boolean
language plpgsql stable set search_path = millrace, pg_temp as $$
declare
  top bigint := (select max(id) from job_body where day = of_day);
begin
  return exists (select from job_ready where id <= top and day = of_day)
      or exists (select from job_aside where id <= top and day = of_day)
      or exists (select from job_scheduled where id <= top and day = of_day)
      or exists (select from job_waiting where id <= top and day = of_day)
      or exists (select from job_running where id <= top and day = of_day)
      or exists (select from job_dead where id <= top and day = of_day and redriven_at is null);
end $$;

-- Removes the ends and bodies of kinds that are kept for a shorter time than the day they lie in:
-- looks at so many ends of a day after an id. Answers the last id, null after the last one.
create or replace function expire_ends(of_day date, after bigint, most integer, keep_default integer) returns bigint
language plpgsql set search_path = millrace, pg_temp as $$
declare
  today date := (clock() at time zone 'UTC')::date;
  last bigint;
  n integer;
begin
  with part as materialized (
    select o.id, o.user_id, o.kind, o.body_day from job_outcome o
     where o.day = of_day and o.id > after order by o.id limit most
  ), old as materialized (
    select p.* from part p join job_kind k on k.id = p.kind
     where of_day < today - coalesce(k.keep_days, keep_default)
  ), bodies as (
    delete from job_body b using old o where b.day = o.body_day and b.id = o.id
  ), ends as (
    delete from job_outcome e using old o where e.day = of_day and e.id = o.id and e.user_id = o.user_id
  )
  select max(id), count(*) into last, n from part;
  return case when n = most then last end;
end $$;
