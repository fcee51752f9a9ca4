-- Followers of the stream of changes, at most a hundred, that have not read all ends of day $1.
select c.name
  from (select xid, id from job_outcome where day = $1 order by xid desc, id desc limit 1) newest
  join change_cursor c on (c.xid, c.id) < (newest.xid, newest.id)
 order by c.name
 limit 100
