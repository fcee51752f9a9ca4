-- What the last hours were like, minute by minute, so that whoever looks sees more than this moment. Jobs that ended are
-- counted, by kind; what only grows is marked as it stood at the end of the minute (ids: jobs that came, stored: messages
-- of all mailboxes), so that the difference of two minutes is what came; of runs under way, by worker, the most is kept.
create table flow (
  minute   timestamptz not null,
  measure  text not null check (measure in ('completed', 'skipped', 'cancelled', 'dead', 'ids', 'stored', 'running')),
  what     text not null,                    -- the kind or the worker; empty for the whole
  n        bigint not null,
  primary key (minute, measure, what)
) with (fillfactor = 70);                    -- the rows of the present minute change all the time

-- What the first minute is told from.
insert into flow (minute, measure, what, n)
select date_trunc('minute', clock()) - interval '1 minute', 'ids', '', coalesce(pg_sequence_last_value('job_id'), 0)
 union all
select date_trunc('minute', clock()) - interval '1 minute', 'stored', '', coalesce(sum(r.stored), 0)::bigint
  from (select user_id, full_run from mailbox order by user_id limit 10000) m
  join sync_run r on r.user_id = m.user_id and r.run_id = m.full_run;
