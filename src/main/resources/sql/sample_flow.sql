-- Marks the present minute: how many messages are stored of at most $1 mailboxes, and what each worker runs.
insert into flow as f (minute, measure, what, n)
select date_trunc('minute', clock()), 'stored', '', coalesce(sum(r.stored), 0)::bigint
  from (select user_id, full_run from mailbox order by user_id limit $1) m
  join sync_run r on r.user_id = m.user_id and r.run_id = m.full_run
 union all
select date_trunc('minute', clock()), 'running', w.host || '/' || w.pid, count(*)
  from (select worker from job_running limit $1) j join worker w on w.id = j.worker
 group by w.host, w.pid
 order by 1, 2, 3
    on conflict (minute, measure, what) do update set n = greatest(f.n, excluded.n)
