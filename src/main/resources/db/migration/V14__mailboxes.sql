-- Mailboxes that stand still because somebody wants it so.

alter table mailbox
  add paused_at        timestamptz,  -- since when no sync of it is to work; null while one may
  add paused_why       text,         -- a few words of whoever paused it, or null
  add disconnected_at  timestamptz;  -- when its grant was given up; null while it is connected

-- ---------------------------------------------------------------------------------------------
-- Labels that changed while no history told of it.

-- labels: what is stored is listed once more, label by label.
alter table sync_run drop constraint sync_run_phase_check;
alter table sync_run add constraint sync_run_phase_check
  check (phase in ('list', 'history', 'recount', 'labels', 'sweep', 'complete'));

-- Stored messages whose labels were found to be others than history had told.
alter table sync_run add column relabelled bigint not null default 0;

-- Under which labels a run whose history has a gap was shown stored messages, until it is complete. A
-- row without an id says that the label was listed to its end.
create table sync_label (
  user_id  bigint not null,
  run_id   bigint not null,
  id       text not null,
  label    text not null,
  primary key (user_id, run_id, id, label)
);

-- ---------------------------------------------------------------------------------------------
-- An interaction that is made again of more of its message is counted for contacts once.

-- When it first named somebody; null if it names nobody yet, or was made before this column was.
alter table interaction add column people_since timestamptz;
