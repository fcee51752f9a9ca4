-- Closes a run as complete: only now does the mailbox's cursor move. What earlier runs kept for their own
-- sake goes; full runs stay as a record, the last one with the fates of its ids. $1 user, $2 run, $3 cursor,
-- $4 the kind of the jobs that sync. Answers the database's clock, and whether more was
-- notified than is known.
with run as (
  update sync_run set phase = 'complete', finished_at = clock()
   where user_id = $1 and run_id = $2
), fate as (
  -- Those of the full run stay: a recount goes on with it and must know them.
  delete from sync_fate f using mailbox m
   where f.user_id = $1 and f.run_id < $2
     and m.user_id = $1 and f.run_id is distinct from m.full_run
), seen as (
  delete from sync_seen where user_id = $1 and run_id > 0
), labels as (
  delete from sync_label where user_id = $1
), superseded as (
  -- Earlier syncs that gave up: this one has done their work.
  delete from job_dead d using job_kind k
   where d.user_id = $1 and k.id = d.kind and k.name = $4
), old as (
  delete from sync_run where user_id = $1 and run_id < $2 and mode = 'delta'
)
update mailbox set cursor = $3::text::numeric, synced_at = clock(), trouble = null
 where user_id = $1
returning clock() as now, coalesce(notified_history_id > cursor, false) as behind,
          notified_history_id::text as notified
