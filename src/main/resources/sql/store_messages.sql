-- Stores messages of one user and run: $1 user, $2 run, then a column each. Label ids of a message
-- are joined by the unit separator. Answers those that were not there before, and those that
-- counted as deleted and have come back.
insert into message (user_id, run_id, id, thread_id, history_id, internal_date, label_ids, size_estimate,
                     snippet, format, body_omitted, payload)
select $1, $2, id, thread_id, history_id::numeric, to_timestamp(internal_date / 1000.0),
       coalesce(string_to_array(nullif(labels, ''), E'\x1f'), '{}'), size_estimate, snippet, format, body_omitted, payload
  from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::int[], $9::text[], $10::text[],
              $11::bool[], $12::bytea[])
       as m(id, thread_id, history_id, internal_date, labels, size_estimate, snippet, format, body_omitted, payload)
    on conflict (user_id, id) do update
   set deleted_at = null, label_ids = excluded.label_ids, history_id = excluded.history_id
 where message.deleted_at is not null
returning id, stored_at = clock() as fresh
