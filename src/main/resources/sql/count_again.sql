-- The counts of a full run as they stand, and as its messages and fates say: $1 user, $2 run. What came
-- before it was listed is not counted.
select r.listed, r.stored, r.duplicate, r.gone, r.dead_lettered,
       (select count(*) from message where user_id = $1 and run_id = $2) - f.early as stored_again,
       f.duplicate as duplicate_again, f.gone as gone_again, f.dead as dead_again
  from sync_run r
 cross join lateral (
       select count(*) filter (where fate = 'early') as early, count(*) filter (where fate = 'duplicate') as duplicate,
              count(*) filter (where fate = 'gone') as gone, count(*) filter (where fate = 'dead') as dead
         from sync_fate where user_id = $1 and run_id = $2) f
 where r.user_id = $1 and r.run_id = $2
