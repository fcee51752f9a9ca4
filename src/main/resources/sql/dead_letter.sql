-- One dead letter in full: user, id.
select d.user_id, d.id, d.kind, d.priority, d.run, d.failures, d.reason, d.error ->> 'message' as message,
       d.dead_at, d.redriven_at, d.redriven_as, coalesce(d.payload, b.payload)::text as payload,
       d.payload is not null as edited, d.error::text, d.attempts::text, b.options::text, b.dedup_key, b.created_at
  from job_dead d left join job_body b on b.day = d.day and b.id = d.id
 where d.user_id = $1 and d.id = $2
