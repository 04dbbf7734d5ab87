-- Which transaction noted it, so that a job that takes long reads what was there when it began, and nothing that came
-- since. It may be unknown, as of purchases.
ALTER TABLE event ADD COLUMN xid xid8 DEFAULT pg_current_xact_id();
