-- What the checks look through: the jobs of a batch in their order, batches that go on, and the edges
-- of a child.
drop index job_body_batch;
create index job_body_batch on job_body (batch_id, id) where batch_id is not null;
create index job_batch_live on job_batch (id) where done_at is null;
create index job_edge_child on job_edge (child);
