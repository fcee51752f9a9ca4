-- Messages that came with their threads before they were listed, and what a thread has stored.

-- early: stored by the run and not listed in it yet, so not counted; the row goes when it is listed.
alter table sync_fate drop constraint sync_fate_fate_check;
alter table sync_fate add constraint sync_fate_fate_check
  check (fate in ('duplicate', 'gone', 'dead', 'early'));

-- A thread of which something is stored is not fetched whole, and conversations are read by it.
create index message_thread on message (user_id, thread_id);
