-- What is fetched because somebody wants it, and what a run was to list.

-- Bodies of attachments. A message's list of attachments is in its payload; a row is here once its
-- body was asked for and fetched.
create table attachment (
  user_id     bigint not null,
  message_id  text not null,
  part_id     text not null,                 -- its place in the message, such as 1.2
  filename    text not null,                 -- as the sender named it: for people, not safe as a path
  mime_type   text not null,
  size        integer not null,              -- bytes of content
  content     bytea not null,
  fetched_at  timestamptz not null default clock(),
  primary key (user_id, message_id, part_id),
  check (size = octet_length(content))
);

-- Most of them are compressed already.
alter table attachment alter column content set storage external;

-- The lanes that the run goes through, JSON; null if it began before there were any: then it lists
-- everything.
alter table sync_run add column lanes text;
