-- A user's mail, the newest first: whose, behind which instant and id, at most how many. What is
-- derived of a message may not be there yet.
select m.id, m.thread_id, m.internal_date, m.label_ids, m.snippet, m.format, m.size_estimate,
       i.subject, i.sender, i.attachments
  from message m
  left join lateral (
       select left(i.subject, 500) as subject, jsonb_array_length(i.attachments) as attachments,
              (select p from jsonb_array_elements(i.participants) p where p ->> 'role' = 'FROM' limit 1) as sender
         from interaction i
        where i.user_id = m.user_id and i.message_id = m.id offset 0) i on true
 where m.user_id = $1 and m.deleted_at is null and (m.internal_date, m.id) < ($2, $3)
 order by m.internal_date desc, m.id desc
 limit $4
