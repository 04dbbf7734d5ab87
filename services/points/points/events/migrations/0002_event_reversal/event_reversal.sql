-- Which transaction noted it, as of events: a job that takes long reads what was there when it began.
ALTER TABLE event_reversal ADD COLUMN xid xid8 DEFAULT pg_current_xact_id();
