-- Mailboxes that stand still because somebody wants it so.

alter table mailbox
  add paused_at        timestamptz,  -- since when no sync of it is to work; null while one may
  add paused_why       text,         -- a few words of whoever paused it, or null
  add disconnected_at  timestamptz;  -- when its grant was given up; null while it is connected
