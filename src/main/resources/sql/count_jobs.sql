-- How many unfinished jobs are meant: kind, user, batch, enqueued before, highest id, where given; and
-- how many are looked at. Also how many were, by now, and the highest id so far.
select count(*) filter (
         where ($1::text is null or kind = (select k.id from job_kind k where k.name = $1))
           and ($2::bigint is null or user_id = $2)
           and ($5::bigint is null or id <= $5)
           and ($3::bigint is null and $4::timestamptz is null
                or exists (select from job_body b
                            where b.day = j.day and b.id = j.id and ($3 is null or b.batch_id = $3)
                              and ($4 is null or b.created_at < $4)))) as meant,
       count(*) as seen, clock() as at, (select high - 1 from job_span()) as up_to
  from (select id, user_id, day, kind from job_ready
        union all select id, user_id, day, kind from job_aside
        union all select id, user_id, day, kind from job_scheduled
        union all select id, user_id, day, kind from job_waiting
        union all select id, user_id, day, kind from job_running
        limit $6) j
