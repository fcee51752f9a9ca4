-- Merges what was seen of contacts into one user's: $1 user, then a column each, sorted by address
-- so that two merges lock in the same order. The latest name that is not empty stays.
insert into contact (user_id, address, name, first_seen, last_seen, inbound, outbound)
select $1, address, name, to_timestamp(first_seen / 1000.0), to_timestamp(last_seen / 1000.0), inbound, outbound
  from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
       as c(address, name, first_seen, last_seen, inbound, outbound)
    on conflict (user_id, address) do update
   set name = case when excluded.name is not null
                    and (contact.name is null or excluded.last_seen >= contact.last_seen)
                   then excluded.name else contact.name end,
       first_seen = least(contact.first_seen, excluded.first_seen),
       last_seen = greatest(contact.last_seen, excluded.last_seen),
       inbound = contact.inbound + excluded.inbound,
       outbound = contact.outbound + excluded.outbound
