-- A look that found nothing: $1 user, $2 the kind of the jobs that sync. Answers as complete_run does.
with superseded as (
  delete from job_dead d using job_kind k
   where d.user_id = $1 and k.id = d.kind and k.name = $2
)
update mailbox set synced_at = clock(), trouble = null where user_id = $1
returning clock() as now, coalesce(notified_history_id > cursor, false) as behind,
          notified_history_id::text as notified
