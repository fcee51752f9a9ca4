-- What a mailbox lost, and how it is seen that it lost it.

-- Messages that the run learnt to be deleted at Google.
alter table sync_run add column deleted bigint not null default 0;

-- sweep: what is stored and no listing shows is asked for, one by one.
alter table sync_run drop constraint sync_run_phase_check;
alter table sync_run add constraint sync_run_phase_check
  check (phase in ('list', 'history', 'recount', 'sweep', 'complete'));

-- Ids that a listing showed to a run whose history has a gap, until the run is complete. What is
-- stored and not among them may have been deleted meanwhile.
create table sync_seen (
  user_id  bigint not null,
  run_id   bigint not null,
  id       text not null,
  primary key (user_id, run_id, id)
);

-- Interactions whose messages Google still has, with their labels. A deleted message's interaction
-- stays, as the message does, and so does what it taught about contacts: they did write.
create view current_interaction as
select i.*, m.label_ids
  from interaction i join message m on m.user_id = i.user_id and m.id = i.message_id
 where m.deleted_at is null;
