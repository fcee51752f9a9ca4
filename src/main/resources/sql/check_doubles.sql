-- A job stands in one place. One that stands in two keeps that which is further on: ended, running,
-- ready, aside, scheduled, waiting. Looks at $2 rows after id $1.
with live as materialized (
  select * from (
    (select user_id, id, 1 as place from job_running where id > $1 order by id limit $2)
    union all (select user_id, id, 2 from job_ready where id > $1 order by id limit $2)
    union all (select user_id, id, 3 from job_aside where id > $1 order by id limit $2)
    union all (select user_id, id, 4 from job_scheduled where id > $1 order by id limit $2)
    union all (select user_id, id, 5 from job_waiting where id > $1 order by id limit $2)) l
   order by id limit $2
), kept as materialized (
  select l.user_id, l.id, min(case when e.ended then 0 else l.place end) as place, count(*) as n
    from live l
   cross join lateral (
         select exists (select from job_outcome o where o.id = l.id and o.user_id = l.user_id)
             or exists (select from job_dead d where d.id = l.id and d.user_id = l.user_id) as ended offset 0) e
   group by l.user_id, l.id
), wrong as materialized (
  select l.* from live l join kept k on k.id = l.id and k.user_id = l.user_id where l.place > k.place
), running as (
  delete from job_running t using wrong w where t.id = w.id and t.user_id = w.user_id and w.place = 1 returning 1
), ready as (
  delete from job_ready t using wrong w where t.id = w.id and t.user_id = w.user_id and w.place = 2 returning 1
), aside as (
  delete from job_aside t using wrong w where t.id = w.id and t.user_id = w.user_id and w.place = 3 returning 1
), scheduled as (
  delete from job_scheduled t using wrong w where t.id = w.id and t.user_id = w.user_id and w.place = 4 returning 1
), waiting as (
  delete from job_waiting t using wrong w where t.id = w.id and t.user_id = w.user_id and w.place = 5 returning 1
)
select (select count(*) from wrong) as found,
       (select count(*) from (table running union all table ready union all table aside union all table scheduled
                              union all table waiting) g) as repaired,
       (select 'job ' || min(id) from wrong) as detail,
       (select case when count(*) >= $2 then max(id) end from live) as next
