-- Brings labels of stored messages up to date: $1 user, then one row for each message: id, whether its
-- labels are all told, those told or added, those removed. Rows that have them already stay as they are.
with change as (
  select m.id, m.label_ids as old,
         case when c.whole then c.added
              else array(select l from unnest(m.label_ids || c.added) as l group by l having l <> all (c.removed))
          end as new
    from (select id, whole, coalesce(string_to_array(nullif(added, ''), E'\x1f'), '{}') as added,
                 coalesce(string_to_array(nullif(removed, ''), E'\x1f'), '{}') as removed
            from unnest($2::text[], $3::bool[], $4::text[], $5::text[]) as c(id, whole, added, removed)) c
   cross join lateral (
         select id, label_ids from message m where m.user_id = $1 and m.id = c.id offset 0) m
)
update message m set label_ids = change.new
  from change
 where m.user_id = $1 and m.id = change.id
   and not (change.old @> change.new and change.new @> change.old)
