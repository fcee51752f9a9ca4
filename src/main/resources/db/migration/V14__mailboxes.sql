-- Mailboxes that stand still because somebody wants it so.

alter table mailbox
  add paused_at        timestamptz,  -- since when no sync of it is to work; null while one may
  add paused_why       text,         -- a few words of whoever paused it, or null
  add disconnected_at  timestamptz;  -- when its grant was given up; null while it is connected

-- ---------------------------------------------------------------------------------------------
-- An interaction that is made again of more of its message is counted for contacts once.

-- When it first named somebody; null if it names nobody yet, or was made before this column was.
alter table interaction add column people_since timestamptz;
