-- Keeps how attempts failed: users, ids, errors. The last ten of a job are kept.
insert into job_progress as p (user_id, id, updated_at, attempts)
select user_id, id, clock(), jsonb_build_array(error::jsonb)
  from unnest($1::bigint[], $2::bigint[], $3::text[]) as e(user_id, id, error)
on conflict (id, user_id) do update
   set updated_at = excluded.updated_at,
       attempts = case when jsonb_array_length(p.attempts) >= 10 then p.attempts - 0 else coalesce(p.attempts, '[]') end
                  || excluded.attempts
