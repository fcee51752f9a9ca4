-- Notes stored messages that a label's listing showed: $1 user, $2 run, $3 label, $4 ids, $5 whether
-- this was its last page.
insert into sync_label (user_id, run_id, id, label)
select $1::bigint, $2::bigint, m.id, $3::text
  from unnest($4::text[]) as s(id)
 cross join lateral (select id from message m where m.user_id = $1 and m.id = s.id offset 0) m
 union
select $1::bigint, $2::bigint, '', $3::text where $5
    on conflict do nothing
