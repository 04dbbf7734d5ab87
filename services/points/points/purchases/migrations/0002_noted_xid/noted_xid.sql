-- Which transaction noted it, so that a job that takes long reads what was there when it began, and nothing that came
-- since. Unknown of what is older than the column: that was there before any such job.
ALTER TABLE purchase ADD COLUMN xid xid8;
ALTER TABLE purchase ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
ALTER TABLE purchase_return ADD COLUMN xid xid8;
ALTER TABLE purchase_return ALTER COLUMN xid SET DEFAULT pg_current_xact_id();
