-- Accounts for listed ids: $1 user, $2 run, $3 how many were stored, then ids that were not with
-- their fates, then what is known of the dead ones, then what was spent since the last time, the
-- ids that were stored, those stored before they are listed, and those of them that are listed now.
-- An id that has a fate in this run already, or was stored by it and has come back, is not counted again.
with fate as (
  insert into sync_fate (user_id, run_id, id, fate)
  select $1, $2, id, fate from unnest($4::text[], $5::text[]) as f(id, fate)
   where not exists (select from message m where m.user_id = $1 and m.id = f.id and m.run_id = $2)
      on conflict do nothing
  returning id, fate
), dead as (
  insert into message_dead (user_id, id, run_id, reason, sentence, attempts)
  select $1, d.id, $2, d.reason, d.sentence, d.attempts
    from unnest($6::text[], $7::text[], $8::text[], $9::int[]) as d(id, reason, sentence, attempts)
      on conflict (user_id, id) do update
     set run_id = excluded.run_id, reason = excluded.reason, sentence = excluded.sentence,
         attempts = message_dead.attempts + excluded.attempts, dead_at = clock()
), revived as (
  -- Stored now though an earlier run gave it up.
  delete from message_dead where user_id = $1 and id = any ($14::text[] || $15::text[])
), early as (
  insert into sync_fate (user_id, run_id, id, fate)
  select $1, $2, id, 'early' from unnest($15::text[]) as e(id)
), caught_up as (
  delete from sync_fate
   where user_id = $1 and run_id = $2 and id = any ($16::text[]) and fate = 'early'
  returning id
), returned as (
  -- Gone when it was first asked for, and now it came.
  delete from sync_fate
   where user_id = $1 and run_id = $2 and id = any ($14::text[]) and fate = 'gone'
  returning id
)
update sync_run
   set listed = listed + $3 + (select count(*) from caught_up) + (select count(*) from fate)
              - (select count(*) from returned),
       stored = stored + $3 + (select count(*) from caught_up),
       duplicate = duplicate + (select count(*) from fate where fate = 'duplicate'),
       gone = gone + (select count(*) from fate where fate = 'gone') - (select count(*) from returned),
       dead_lettered = dead_lettered + (select count(*) from fate where fate = 'dead'),
       units_spent = units_spent + $10, calls = calls + $11, throttled = throttled + $12,
       bytes_received = bytes_received + $13
 where user_id = $1 and run_id = $2
returning listed, stored, duplicate, gone, dead_lettered, estimate
