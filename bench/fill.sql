-- Fills the tables as if many jobs had come and gone: how many live and how many ended are the settings
-- bench.live and bench.archived, the kind whose jobs a worker can run is bench.kind. One transaction, for
-- a database whose job tables are empty; vacuum and analyze come after it.
--
-- Half of what is ready is of the worker's kind. Ids are dense and the ended ones are older, as in real
-- life; bodies, tallies, usage and the cursor of the tallies agree with what stands in the tables.

select know_kinds(array[current_setting('bench.kind'), 'load-1', 'load-2', 'load-3', 'load-4', 'load-5', 'load-6', 'load-7']);

create temporary table load_size on commit drop as
  select current_setting('bench.archived')::bigint as archived, current_setting('bench.live')::bigint as live,
         (select id from job_kind where name = current_setting('bench.kind')) as worked,
         (select array_agg(id order by name) from job_kind where name like 'load-%') as others,
         (select last_value from job_id) as base;

create function pg_temp.load_kind(i bigint, worked smallint, others smallint[]) returns smallint
language sql immutable as $$ select case when i % 2 = 0 then worked else others[1 + (i / 2) % 7] end $$;

insert into job_body (id, user_id, created_at, batch_id, day, kind, priority, dedup_key, options, payload)
select base + i, 1 + i % 10000, clock() - (archived + live - i) * interval '10 ms',
       case when i <= archived and i % 1000 < 5 then 1 + i / 10000 end,
       current_date - (i <= archived / 2)::int, pg_temp.load_kind(i, worked, others), 0, null, null,
       jsonb_build_object('n', i::int)
  from load_size cross join generate_series(1, archived + live) i;

insert into job_outcome (user_id, id, xid, ready_at, started_at, finished_at, day, body_day, run, state, kind, failures)
select 1 + i % 10000, base + i, pg_current_xact_id(), at, at + interval '1 s', at + interval '3 s',
       current_date - (i <= archived / 2)::int, current_date - (i <= archived / 2)::int, 1,
       (case when i % 100 < 2 then 'skipped' when i % 100 < 3 then 'cancelled' else 'completed' end)::job_end,
       pg_temp.load_kind(i, worked, others), 0
  from load_size cross join generate_series(1, archived) i
 cross join lateral (select (current_date - (i <= archived / 2)::int)::timestamptz
                            + (i % 1000) * interval '1 ms' as at) t
 where i % 100 <> 99;

-- What failed for good is a hundredth of what ended, at most fifty thousand letters, of twenty causes.
insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error, attempts)
select 1 + i % 10000, base + i, (current_date - (i <= archived / 2)::int)::timestamptz + (i % 1000) * interval '1 ms',
       current_date - (i <= archived / 2)::int, 3, pg_temp.load_kind(i / 100 * 3, worked, others), 0, 3, 0, 'attempts',
       jsonb_build_object('failure', 'transient', 'class', 'java.io.IOException',
                          'message', format('host number %s of cause %s did not answer', i, chr(97 + (i / 100 % 20)::int))),
       null
  from load_size cross join generate_series(99, archived, 100) i limit 50000;

-- Of a hundred that live eighty are ready, sixteen are due later, three wait for parents, one stands aside.
insert into job_ready (user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties, payload)
select 1 + i % 10000, base + i, i, clock() - (archived + live - i) * interval '10 ms', null, current_date, 0,
       pg_temp.load_kind(i, worked, others), 0, 0, 0, format('{"n":%s}', i)
  from load_size cross join generate_series(archived + 1, archived + live) i where i % 100 < 80;

insert into job_scheduled (user_id, id, run_at, limit_key, day, run, kind, priority, failures, ties, why)
select 1 + i % 10000, base + i, clock() + interval '1 day' + i * interval '1 ms', null, current_date, 1,
       pg_temp.load_kind(i, worked, others), 0, 1, case when i % 100 = 80 then 4 else 0 end, 'retry'
  from load_size cross join generate_series(archived + 1, archived + live) i where i % 100 between 80 and 95;

insert into job_progress (user_id, id, updated_at, attempts)
select user_id, id, clock(), '[{"message": "the host did not answer"}]'
  from job_scheduled cross join load_size where id % 20 = 0;

insert into job_waiting (user_id, id, limit_key, day, unfinished, kind, priority, ties)
select 1 + i % 10000, base + i, null, current_date, 1, pg_temp.load_kind(i, worked, others), 0, 0
  from load_size cross join generate_series(archived + 1, archived + live) i where i % 100 between 96 and 98;

-- Each of these waits for the first of its hundred that is due later.
insert into job_edge (parent_user, parent, child_user, child, on_dead)
select 1 + (i - i % 100 + 80) % 10000, base + i - i % 100 + 80, 1 + i % 10000, base + i, 'hold'
  from load_size cross join generate_series(archived + 1, archived + live) i where i % 100 between 96 and 98;

insert into job_limit (key, max_running) values ('load-closed', 0);
update job_kind set keyed = true where name = 'load-1';
insert into job_aside (user_id, id, rank, ready_at, gate, limit_key, day, run, kind, priority, failures, ties)
select 1 + i % 10000, base + i, i, clock(), c.hash, c.hash, current_date, 0, others[1], 0, 0, 0
  from load_size cross join generate_series(archived + 1, archived + live) i
 cross join job_limit c where c.key = 'load-closed' and i % 100 = 99;

select setval('job_id', base + archived + live) from load_size;

insert into job_tally (day, kind, state, jobs, ran, run_ms, wait_ms)
select day, kind, state::text, count(*), count(*), 2000 * count(*), 1000 * count(*) from job_outcome group by 1, 2, 3
union all
select day, kind, 'dead', count(*), 0, 0, 0 from job_dead group by 1, 2;

insert into usage_daily (day, user_id, kind, jobs, dead, run_ms)
select o.day, o.user_id, k.name, count(*), 0, 2000 * count(*)
  from job_outcome o join job_kind k on k.id = o.kind where o.state <> 'cancelled' group by 1, 2, 3;

insert into change_cursor (name, xid, id) select 'tallies', pg_current_xact_id(), base + archived + live from load_size
    on conflict (name) do update set xid = excluded.xid, id = excluded.id;

-- Two thousand mailboxes that are in sync.
insert into account (email) select format('user-%s@example.org', i) from generate_series(1, 2000) i;
insert into mailbox (user_id, cursor, synced_at) select user_id, 1, clock() from account where email like 'user-%';
insert into sync_run (user_id, mode, phase, first_history, estimate, listed, stored, finished_at)
select user_id, 'full', 'complete', 1, 5000, 5000, 5000, clock() from account where email like 'user-%';
update mailbox m set full_run = r.run_id from sync_run r where r.user_id = m.user_id;
