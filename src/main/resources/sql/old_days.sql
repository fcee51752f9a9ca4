-- Tables of days that are over, the oldest first: $1 is how long kinds are kept that do not say it
-- themselves, $2 whether the days must be over for all kinds or for some, $3 for how many days more they
-- are kept for followers that have not read them. Among them are tables that
-- an interrupted drop has left behind.
with keep as (
  select greatest($1, coalesce(max(keep_days), 0)) as longest, least($1, coalesce(min(keep_days), $1)) as shortest
    from job_kind
)
select c.relname, substring(c.relname from '^(.*)_[0-9]{8}$') as parent, right(c.relname, 8) as day,
       i.inhrelid is not null as attached, coalesce(i.inhdetachpending, false) as pending,
       d.day < d.over - $3::integer as past
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'millrace'
  left join pg_inherits i on i.inhrelid = c.oid
 cross join keep k
 cross join lateral (
       select to_date(right(c.relname, 8), 'YYYYMMDD') as day,
              (clock() at time zone 'UTC')::date - case when $2 then k.longest else k.shortest end as over offset 0) d
 where c.relkind = 'r' and c.relname ~ '^job_(body|outcome)_[0-9]{8}$'
   and d.day < d.over
 order by right(c.relname, 8), c.relname
 limit 1000
