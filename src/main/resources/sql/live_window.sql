-- Unfinished jobs from an id on, at most $2: those of a kind, a user and a batch, enqueued before an
-- instant and up to an id, where given. The
-- window is what is looked at, so a step costs the same however few match. The last id that was
-- looked at stands in each row; it is null if this was the last window. A first row without an id
-- tells it even if nothing matches.
with live as materialized (
  select user_id, id, day, kind, ties
    from ((select user_id, id, day, kind, ties from job_ready where id > $1 order by id limit $2)
          union all (select user_id, id, day, kind, ties from job_aside where id > $1 order by id limit $2)
          union all (select user_id, id, day, kind, ties from job_scheduled where id > $1 order by id limit $2)
          union all (select user_id, id, day, kind, ties from job_waiting where id > $1 order by id limit $2)
          union all (select user_id, id, day, kind, ties from job_running where id > $1 order by id limit $2)) l
   order by id limit $2
), edge as (
  select case when count(*) >= $2 and ($7::bigint is null or max(id) < $7) then max(id) end as next from live
)
select null::bigint as user_id, null::bigint as id, next from edge
union all
select user_id, id, next
  from live cross join edge
 where ($3::smallint is null or kind = $3) and ($4::bigint is null or user_id = $4)
   and ($5::bigint is null
        or ties & 2 <> 0 and exists (select from job_body b
                                      where b.day = live.day and b.id = live.id and b.batch_id = $5))
   and ($6::timestamptz is null
        or exists (select from job_body b
                    where b.day = live.day and b.id = live.id and b.created_at < $6))
   and ($7::bigint is null or id <= $7)
