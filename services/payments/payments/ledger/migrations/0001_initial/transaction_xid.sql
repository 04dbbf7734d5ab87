-- The order in which transactions become visible, so that what is new is found by an index. The model does not know the
-- column.
ALTER TABLE ledger_transaction ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ledger_transaction_xid ON ledger_transaction (xid, id);
