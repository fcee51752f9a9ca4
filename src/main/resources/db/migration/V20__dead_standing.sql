-- How many dead letters of a kind nobody has redriven: the overview counts them by index alone. Only
-- what fails for good pays for it; no claim and no completion does.
create index job_dead_standing on job_dead (kind) where redriven_at is null;
