-- Dead letters that nobody has redriven, those of one cause together, the largest group first: at most
-- how many letters (the newest are looked at), how many groups.
select g.fingerprint, k.name as kind, g.reason, g.failure, g.class, g.letters, g.users, g.first_at, g.last_at,
       g.example, g.message
  from (
    select dead_group(kind, reason, error) as fingerprint, kind, reason, error ->> 'failure' as failure,
           error ->> 'class' as class, count(*) as letters, count(distinct user_id) as users,
           min(dead_at) as first_at, max(dead_at) as last_at, max(id) as example,
           left((array_agg(error ->> 'message' order by id desc))[1], 300) as message
      from (select * from job_dead where redriven_at is null order by dead_at desc, id desc limit $1) newest
     group by 1, 2, 3, 4, 5
     order by letters desc, fingerprint limit $2) g
  left join job_kind k on k.id = g.kind
 order by g.letters desc, g.fingerprint
