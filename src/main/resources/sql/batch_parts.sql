-- The jobs of a batch, $1, with what they waited for, in the order of their ids, at most $2: how each
-- stands, how long its last run took (or takes, so far) in milliseconds, and which job took its place.
select b.id, k.name as kind, b.options ->> 'unit' as unit,
       array(select p.id::bigint from jsonb_array_elements_text(b.options -> 'parents') as p(id)) as parents,
       coalesce(s.state, 'live') as state, coalesce(s.run_ms, 0)::bigint as run_ms, s.successor
  from (select id, day, kind, user_id, options from job_body where batch_id = $1 order by id limit $2) b
  join job_kind k on k.id = b.kind
  left join lateral (
       select 'running' as state, extract(epoch from clock() - r.started_at) * 1000 as run_ms, null::bigint as successor
         from job_running r where r.id = b.id and r.user_id = b.user_id
       union all
       select o.state::text, extract(epoch from o.finished_at - o.started_at) * 1000, null
         from job_outcome o where o.id = b.id and o.user_id = b.user_id
       union all
       select 'dead', 0, d.redriven_as from job_dead d where d.id = b.id and d.user_id = b.user_id
       limit 1) s on true
 order by b.id
