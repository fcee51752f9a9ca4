-- Gives the next stored messages after an id the labels under which they were listed: $1 user, $2 run,
-- $3 the id, $4 how many to look at. Only those that some listing showed; a label that was not listed to
-- its end stays, unless it is one of the user's own that Gmail has no more. Nothing is done if none was.
-- Answers the ids of the messages that have other labels now.
with told as materialized (
  select array_agg(label) as labels from sync_label where user_id = $1 and run_id = $2 and id = ''
), stored as materialized (
  select id, label_ids, deleted_at from message where user_id = $1 and id > $3 order by id limit $4
), shown as (
  select s.id, s.label_ids as old,
         array(select label from sync_label l where l.user_id = $1 and l.run_id = $2 and l.id = s.id) as labels,
         exists (select from sync_seen n where n.user_id = $1 and n.run_id = $2 and n.id = s.id) as seen
    from stored s where s.deleted_at is null
), change as (
  select s.id, s.old,
         s.labels || array(select o from unnest(s.old) as o
                            where o <> all (s.labels) and o <> all (t.labels) and o not like 'Label\_%') as new
    from shown s cross join told t
   where t.labels is not null and (s.seen or cardinality(s.labels) > 0)
), relabelled as (
  update message m set label_ids = c.new
    from change c
   where m.user_id = $1 and m.id = c.id and not (c.old @> c.new and c.new @> c.old)
  returning m.id
), counted as (
  update sync_run set relabelled = relabelled + (select count(*) from relabelled)
   where user_id = $1 and run_id = $2 and exists (select from relabelled)
)
select coalesce(array_agg(id), '{}') as ids from relabelled
