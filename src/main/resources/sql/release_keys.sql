-- Frees the dedup keys of jobs that ended: users, ids, days of their bodies. A key with a window
-- stays taken until that is over.
with ended as (
  select e.user_id, e.id, b.dedup_key
    from unnest($1::bigint[], $2::bigint[], $3::date[]) as e(user_id, id, day)
    join job_body b on b.day = e.day and b.id = e.id
), kept as (
  update job_dedup d set live = false
    from ended e
   where d.user_id = e.user_id and d.dedup_key = e.dedup_key and d.id = e.id and d.until > clock()
  returning d.id
)
delete from job_dedup d
 using ended e
 where d.user_id = e.user_id and d.dedup_key = e.dedup_key and d.id = e.id
   and (d.until is null or d.until <= clock())
