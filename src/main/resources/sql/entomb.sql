-- Messages that Google has no more: $1 user, $2 run, $3 ids. They stay, marked; what could not be
-- fetched of them need not be fetched any more.
with buried as (
  update message set deleted_at = clock()
   where user_id = $1 and id = any ($3) and deleted_at is null
  returning id
), forgotten as (
  delete from message_dead where user_id = $1 and id = any ($3)
)
update sync_run set deleted = deleted + (select count(*) from buried)
 where user_id = $1 and run_id = $2 and exists (select from buried)
