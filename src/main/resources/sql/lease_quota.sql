-- Leases the next piece of each bucket's timeline: $1 scopes, $2 keys, $3 its length in
-- milliseconds, $4 the time scale. Answers how far each piece reaches from now, in milliseconds, and
-- where it begins and ends in microseconds,
-- the user's weight, and until when Google has closed the bucket, or all of them, if it ever has.
-- After a change of the scale one window of the old one is waited out.
insert into quota_ledger as l (scope, key, leased_until, time_scale)
select scope, key, clock() + $3 * interval '1 millisecond', $4
  from unnest($1::text[], $2::bigint[]) as k(scope, key)
    on conflict (scope, key) do update
   set leased_until = case
         when l.time_scale = excluded.time_scale
         then greatest(l.leased_until, clock())
         else greatest(l.leased_until, clock()) + 60000 / l.time_scale * interval '1 millisecond'
       end + $3 * interval '1 millisecond',
       time_scale = excluded.time_scale
returning scope, key, (extract(epoch from leased_until - clock()) * 1000)::float8 as until_ms,
          (extract(epoch from leased_until - $3 * interval '1 millisecond') * 1000000)::bigint as mark,
          (extract(epoch from leased_until) * 1000000)::bigint as until_mark,
          coalesce((select a.weight from account a where scope = 'user' and a.user_id = key), 1)::float8 as weight,
          l.closed_until,
          (select p.closed_until from quota_ledger p
            where p.scope = 'project' and p.key = 0) as project_closed_until
