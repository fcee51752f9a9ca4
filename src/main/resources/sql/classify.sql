-- What is known of listed ids: $1 user, $2 run, $3 ids, $4 their threads. One row for each id that
-- is accounted for already ('known'), was there before this run ('duplicate') or was brought by its
-- thread before it was listed ('early'), and for each that is wanted though another message of its
-- thread is stored, or though it counts as deleted or gone itself ('begun'); the others are wanted.
select i.id,
       case when f.fate = 'early' then 'early'
            when m.deleted_at is not null or (f.fate = 'gone' and m.id is null) then 'begun'
            when m.run_id = $2 or f.id is not null then 'known'
            when m.id is not null then 'duplicate'
            else 'begun' end as fate
  from unnest($3::text[], $4::text[]) as i(id, thread_id)
  left join message m on m.user_id = $1 and m.id = i.id
  left join sync_fate f on f.user_id = $1 and f.run_id = $2 and f.id = i.id
  left join lateral (
         select true as begun from message t
          where m.id is null and f.id is null and t.user_id = $1 and t.thread_id = i.thread_id
          limit 1) t on true
 where m.id is not null or f.id is not null or t.begun
