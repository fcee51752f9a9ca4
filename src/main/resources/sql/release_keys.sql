-- Frees the dedup keys of jobs that ended: users, ids, days of their bodies. A key with a window
-- stays taken until that is over.
with held as materialized (
  select d.spot, d.kept
    from unnest($1::bigint[], $2::bigint[], $3::date[]) as e(user_id, id, day)
   cross join lateral (select dedup_key from job_body b where b.day = e.day and b.id = e.id offset 0) b
   cross join lateral (
         select ctid as spot, coalesce(until > clock(), false) as kept from job_dedup d
          where d.user_id = e.user_id and d.dedup_key = b.dedup_key and d.id = e.id
            for update) d
), ended as (
  update job_dedup set live = false where ctid = any (array(select spot from held where kept))
)
delete from job_dedup where ctid = any (array(select spot from held where not kept))
