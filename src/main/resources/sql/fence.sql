-- Locks a run for the rest of the transaction; no row means that it is no longer the current one.
select failures from job_running where user_id = $1 and id = $2 and run = $3 for update
