-- Looks at the next stored messages after an id for those that no listing of a run showed, neither of
-- messages nor of a label; of those in spam or trash only the latter counts, where the former does not show
-- them: $1 user, $2 run, $3 the id, $4 how many, $5 whether spam and trash are listed. Answers up to where it looked (null at the end) and the suspects.
with stored as materialized (
  select id, deleted_at, not $5 and label_ids && array['SPAM', 'TRASH'] as hidden from message where user_id = $1 and id > $3 order by id limit $4
)
select case when count(*) = $4 then max(id) end as last,
       coalesce(array_agg(id order by id) filter (where deleted_at is null and (hidden or not exists (
         select from sync_seen s where s.user_id = $1 and s.run_id = $2 and s.id = stored.id)) and not exists (
         select from sync_label l where l.user_id = $1 and l.run_id = $2 and l.id = stored.id)), '{}') as suspects
  from stored
