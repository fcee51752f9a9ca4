-- What is known of listed ids: $1 user, $2 run, $3 ids. One row for each id that is accounted for
-- already ('known') or was there before this run ('duplicate'); the others are wanted.
select i.id,
       case when m.run_id = $2 or f.id is not null then 'known' else 'duplicate' end as fate
  from unnest($3::text[]) as i(id)
  left join message m on m.user_id = $1 and m.id = i.id
  left join sync_fate f on f.user_id = $1 and f.run_id = $2 and f.id = i.id
 where m.id is not null or f.id is not null
