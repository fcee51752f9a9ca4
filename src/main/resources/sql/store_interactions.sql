-- Writes interactions of one user: $1 user, then a column each. Written again when a message is
-- normalised again, but one that names nobody, made of less, does not take the place of one that does.
-- Fresh are those that name somebody now and did not before: their contacts are to be counted, once. The
-- statement's own time tells it, since nothing answers what a row was before.
insert into interaction (user_id, message_id, thread_id, at, direction, subject, participants, text,
                         text_truncated, attachments, rfc_message_id, in_reply_to, reference_ids, flaws, people_since)
select $1, message_id, thread_id, to_timestamp(at / 1000.0), direction, subject, participants::jsonb, text,
       text_truncated, attachments::jsonb, rfc_message_id, in_reply_to,
       coalesce(string_to_array(nullif(reference_ids, ''), E'\x1f'), '{}'),
       coalesce(string_to_array(nullif(flaws, ''), E'\x1f'), '{}'),
       case when participants::jsonb <> '[]' then clock() end
  from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bool[],
              $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
       as i(message_id, thread_id, at, direction, subject, participants, text, text_truncated, attachments,
            rfc_message_id, in_reply_to, reference_ids, flaws)
    on conflict (user_id, message_id) do update
   set thread_id = excluded.thread_id, at = excluded.at, direction = excluded.direction,
       subject = excluded.subject, participants = excluded.participants, text = excluded.text,
       text_truncated = excluded.text_truncated, attachments = excluded.attachments,
       rfc_message_id = excluded.rfc_message_id, in_reply_to = excluded.in_reply_to,
       reference_ids = excluded.reference_ids, flaws = excluded.flaws, normalized_at = clock(),
       people_since = case when interaction.participants = '[]' then excluded.people_since
                           else interaction.people_since end
 where excluded.participants <> '[]' or interaction.participants = '[]'
returning message_id, people_since is not distinct from clock() as fresh
