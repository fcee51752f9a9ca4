-- Locks runs that will end in different ways, in the one order in which whoever locks several runs
-- takes them: users, ids, runs.
with found as materialized (
  select r.part, r.spot
    from unnest($1::bigint[], $2::bigint[], $3::int[]) as o(user_id, id, run)
   cross join lateral (
         select tableoid as part, ctid as spot from job_running r
          where r.id = o.id and r.user_id = o.user_id and r.run = o.run
         offset 0) r
)
select count(*)
  from (select r.ctid
          from job_running r
         where r.ctid = any (array(select spot from found))
           and ((r.tableoid, r.ctid) in (select part, spot from found)) is true
         order by r.tableoid, r.ctid
           for update) locked
