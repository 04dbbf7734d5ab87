-- Which database transaction wrote it: the order in which transactions become visible, by which sealing and running
-- totals find what is new. The model does not know the column.
ALTER TABLE points_transaction ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX transaction_xid ON points_transaction (xid, id);
