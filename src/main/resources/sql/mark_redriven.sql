-- Marks letters whose new jobs exist in this transaction: users, letters, new jobs.
update job_dead d set redriven_at = clock(), redriven_as = n.job
  from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as n(user_id, id, job)
 where d.id = n.id and d.user_id = n.user_id
