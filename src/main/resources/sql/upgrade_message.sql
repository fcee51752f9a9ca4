-- Puts more of a message in the place of less: $1 user, $2 id, $3 format, $4 payload, $5 body_omitted,
-- $6 size. Labels and tombstones are the sync's and stay as they are; what was deleted or fetched in
-- full meanwhile is left alone. No row if nothing was changed.
update message
   set format = $3, payload = $4, body_omitted = $5, size_estimate = $6
 where user_id = $1 and id = $2 and deleted_at is null
   and array_position('{minimal,metadata,full}'::text[], format)
       < array_position('{minimal,metadata,full}'::text[], $3)
returning id
