-- Batches whose counts disagree with their jobs: their end might never be told. First some of those
-- that go on, then some of all, $2 jobs of each; $1 says where both walks stand.
with going_on as materialized (
  select * from recount_batches(true, $2, $1::jsonb -> 'goingOn')
), every as materialized (
  select r.* from (select $1::jsonb -> 'all' as place from going_on) g cross join lateral recount_batches(false, $2, g.place) r
)
select g.wrong + e.wrong as found, g.wrong + e.wrong as repaired, coalesce(g.example, e.example) as detail,
       jsonb_build_object('goingOn', g.place, 'all', e.place) as next
  from going_on g cross join every e
