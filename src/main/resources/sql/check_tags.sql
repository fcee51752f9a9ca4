-- Fair tags that the clock of their kind has passed say nothing any more, at most $3 after user $2 of
-- kind $1. This is housekeeping, nothing was wrong.
with part as materialized (
  select t.ctid as spot, t.kind, t.user_id, t.last_tag from job_tag t
   where (t.kind, t.user_id) > ($1::smallint, $2) order by t.kind, t.user_id limit $3
), gone as (
  delete from job_tag
   where ctid = any (array(
           select p.spot from part p join job_kind k on k.id = p.kind
            where p.last_tag <= pg_sequence_last_value(k.clock)))
  returning 1
), last as (
  select kind, user_id from part order by kind desc, user_id desc limit 1
)
select 0::bigint as found, (select count(*) from gone) as repaired, null as detail,
       (select case when count(*) >= $3 then (select user_id from last) end from part) as next,
       (select kind from last) as next_kind
