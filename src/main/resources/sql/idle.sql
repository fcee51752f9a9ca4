-- Says of which kinds a worker could take more at once; forgets workers that are gone.
with gone as (
  delete from job_idle i
   where worker <> $1
     and not exists (select from worker w
                      where w.id = i.worker and w.stopped_at is null and w.expires_at > clock())
)
insert into job_idle (worker, kinds) values ($1, $2::smallint[])
on conflict (worker) do update set kinds = excluded.kinds
