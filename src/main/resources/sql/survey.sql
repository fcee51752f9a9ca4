-- What a whole listing and the tables have of a mailbox: $1 user, $2 the listing's number, $3 that of the
-- ids that history says have changed since the cursor, $4 whether spam and trash are listed too. One row
-- for each way to stand: how many ids, and the first of them.
with moving as materialized (
  select id from sync_seen where user_id = $1 and run_id = $3
), stands as (
  select coalesce(l.id, m.id) as id,
         case when l.id is not null and m.id is null and exists (
                select from message_dead d where d.user_id = $1 and d.id = l.id) then 'dead'
              when l.id is not null and m.id is null then 'missing'
              when l.id is not null and m.deleted_at is not null then 'buried'
              when l.id is not null and not $4 and m.label_ids && array['SPAM', 'TRASH'] then 'labels'
              when l.id is not null then 'same'
              when m.deleted_at is not null then 'tombstone'
              when not $4 and m.label_ids && array['SPAM', 'TRASH'] then 'aside'
              else 'extra' end as stand
    from (select id from sync_seen where user_id = $1 and run_id = $2) l
    full join (select id, deleted_at, label_ids from message where user_id = $1) m on m.id = l.id
), told as (
  select id, case when stand in ('missing', 'buried', 'extra', 'labels') and id in (select id from moving)
                  then 'moving' else stand end as stand
    from stands
)
select stand, count(*) as ids,
       coalesce((array_agg(id order by id) filter (where stand in ('dead', 'missing', 'buried', 'extra', 'labels')))[1:10],
                '{}') as examples
  from told group by stand
