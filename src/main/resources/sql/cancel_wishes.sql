-- Runs of a worker whose jobs are cancelled: worker, at most how many.
select c.user_id, c.id, c.run, c.reason
  from job_cancel c
  join job_running r on r.id = c.id and r.user_id = c.user_id and r.run = c.run
 where r.worker = $1
 order by c.id limit $2
