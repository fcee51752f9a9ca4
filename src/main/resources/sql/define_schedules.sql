-- Makes schedules known by name: names, users, kinds, priorities, payloads, specs, zones, misfires,
-- paused, first due times; $11 is the instant that intervals count from. What is known already keeps
-- its due time unless spec or zone changed, and stays paused if somebody paused it. In the order of
-- names, so that two processes that start together do not wait for each other in a ring.
insert into schedule as s
       (name, user_id, kind, priority, payload, spec, zone, misfire, paused, next_at, anchor)
select name, user_id, kind, priority, payload::jsonb, spec, zone, misfire, paused, next_at, $11
  from unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::boolean[], $10::timestamptz[])
       as d(name, user_id, kind, priority, payload, spec, zone, misfire, paused, next_at)
 order by name
    on conflict (name) do update
   set user_id = excluded.user_id, kind = excluded.kind, priority = excluded.priority,
       payload = excluded.payload, spec = excluded.spec, zone = excluded.zone,
       misfire = excluded.misfire, paused = s.paused or excluded.paused,
       next_at = case when (s.spec, s.zone) = (excluded.spec, excluded.zone) and s.trouble is null
                      then s.next_at else excluded.next_at end,
       anchor = case when (s.spec, s.zone) = (excluded.spec, excluded.zone)
                     then s.anchor else excluded.anchor end,
       trouble = null,
       updated_at = clock()
 where (s.user_id, s.kind, s.priority, s.payload, s.spec, s.zone, s.misfire, s.paused)
       is distinct from
       (excluded.user_id, excluded.kind, excluded.priority, excluded.payload, excluded.spec,
        excluded.zone, excluded.misfire, s.paused or excluded.paused)
    or s.trouble is not null
