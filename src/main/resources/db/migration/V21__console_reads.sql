-- What somebody did, the newest first.
create index audit_log_actor on audit_log (actor, id);

-- As for the body of a job: small texts may be large as jsonb.
alter table job_dead drop constraint job_dead_payload_check;
alter table job_dead add constraint job_dead_payload_check check (octet_length(payload::text) <= 2 * 5242880);
