-- Ends a job for good, whatever unfinished state it is in. One that has not begun is ended here; one
-- that runs is marked, so that whichever way its run ends, it does not go on. Answers as complete.sql
-- does what has to be looked after, with what became of the job; no row if it is finished or unknown.
--
-- A job that moves between two looks is met at the next one.
create or replace function cancel_job(job_user bigint, job bigint, why text)
  returns table (user_id bigint, id bigint, day date, ties smallint, user_gate bigint, key_gate bigint, became text)
language plpgsql set search_path = millrace, pg_temp as $$
#variable_conflict use_column
declare
  gone job_ended;
  running_run integer;
  running_day date;
begin
  for attempt in 1 .. 20 loop
    gone := withdraw(job_user, job, why);
    if gone.id is not null then
      return query select gone.user_id, gone.id, gone.day, gone.ties & 7::smallint, null::bigint, null::bigint,
                          'cancelled';
      return;
    end if;
    update job_running r set ties = r.ties | 8 where r.id = job and r.user_id = job_user
      returning r.run, r.day into running_run, running_day;
    if found then
      insert into job_cancel (user_id, id, run, reason, wanted_at)
      values (job_user, job, running_run, why, clock())
          on conflict (id, user_id) do update set run = excluded.run, reason = excluded.reason;
      return query select job_user, job, running_day, 0::smallint, null::bigint, null::bigint, 'stopping';
      return;
    end if;
    -- It may have moved to a table that was looked at before.
    perform from job_ready r where r.id = job and r.user_id = job_user
      union all select from job_scheduled s where s.id = job and s.user_id = job_user
      union all select from job_waiting w where w.id = job and w.user_id = job_user
      union all select from job_aside a where a.id = job and a.user_id = job_user
      union all select from job_running r where r.id = job and r.user_id = job_user;
    exit when not found;
    if attempt = 20 then
      raise exception 'job % moves too fast to be cancelled, try again', job using errcode = '55P03';
    end if;
  end loop;
end $$;

-- Ends jobs whose run ended in a wait although they are cancelled; the runs' other endings only leave
-- the mark to be removed. Answers as cancel_job does.
create or replace function end_cancelled(users bigint[], jobs bigint[])
  returns table (user_id bigint, id bigint, day date, ties smallint, user_gate bigint, key_gate bigint, became text)
language plpgsql set search_path = millrace, pg_temp as $$
#variable_conflict use_column
declare
  wish record;
begin
  for wish in
    delete from job_cancel c using unnest(users, jobs) as e(user_id, id)
     where c.id = e.id and c.user_id = e.user_id
    returning c.user_id, c.id, c.reason
  loop
    return query select * from cancel_job(wish.user_id, wish.id, wish.reason);
  end loop;
end $$;

-- Gives a job that has not begun another priority: its place moves by what the priorities differ.
-- Answers the state that it was found in, or null if it has begun or is unknown.
create or replace function reprioritise_job(job_user bigint, job bigint, wanted smallint) returns text
language plpgsql set search_path = millrace, pg_temp as $$
begin
  for attempt in 1 .. 20 loop
    update job_ready set rank = rank + boost(priority) - boost(wanted), priority = wanted
     where id = job and user_id = job_user;
    if found then
      return 'ready';
    end if;
    update job_aside set rank = rank + boost(priority) - boost(wanted), priority = wanted
     where id = job and user_id = job_user;
    if found then
      return 'ready';
    end if;
    update job_scheduled set priority = wanted where id = job and user_id = job_user;
    if found then
      return 'scheduled';
    end if;
    update job_waiting set priority = wanted where id = job and user_id = job_user;
    if found then
      return 'waiting';
    end if;
    -- It may have moved from a table not yet looked at to one that was.
    perform from job_ready where id = job and user_id = job_user
      union all select from job_aside where id = job and user_id = job_user
      union all select from job_scheduled where id = job and user_id = job_user
      union all select from job_waiting where id = job and user_id = job_user;
    if not found then
      return null;
    end if;
  end loop;
  raise exception 'job % moves too fast to be given another priority, try again', job using errcode = '55P03';
end $$;

-- Lets the children that a dead letter holds wait for the job that took over: users, letters, jobs.
create or replace function follow_redriven(users bigint[], letters bigint[], jobs bigint[]) returns void
language plpgsql set search_path = millrace, pg_temp as $$
begin
  if to_regprocedure('millrace.repoint_children(bigint, bigint, bigint)') is not null then
    execute 'select repoint_children(u, l, j) from unnest($1, $2, $3) as n(u, l, j) order by l'
      using users, letters, jobs;
  end if;
end $$;

-- Removes dead letters for good: users, ids. What they held is given up. Answers how many went.
create or replace function purge_letters(users bigint[], ids bigint[]) returns integer
language plpgsql set search_path = millrace, pg_temp as $$
declare
  gone_users bigint[];
  gone bigint[];
  n integer;
begin
  with deleted as (
    delete from job_dead d using unnest(users, ids) as p(user_id, id)
     where d.id = p.id and d.user_id = p.user_id
    returning d.user_id, d.id, d.redriven_at)
  select array_agg(user_id) filter (where redriven_at is null), array_agg(id) filter (where redriven_at is null),
         count(*) into gone_users, gone, n from deleted;
  if gone is not null and to_regprocedure('millrace.abandon_children(bigint[], bigint[])') is not null then
    execute 'select abandon_children($1, $2)' using gone_users, gone;
  end if;
  return n;
end $$;
