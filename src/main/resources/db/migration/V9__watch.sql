-- What Gmail has promised about telling a topic of changes to a mailbox. (notified_history_id is of V1.)

alter table mailbox
  add watch_topic     text,                        -- whom Gmail tells; null if it was never asked
  add watch_made      timestamptz,                 -- when it last promised to
  add watch_expires   timestamptz,                 -- when it forgets, unless it is asked again
  add watch_next      timestamptz,                 -- when to ask again; null for at once
  add watch_failures  smallint not null default 0; -- how often it refused since it promised
