-- How many runs count against any one key, at most: see R__gates.sql.
create sequence job_key_peak minvalue 0 start 0;
