-- Whoever changes facts, their totals follow in the same statement. Rows in the order of the key, so that two packs
-- wait for each other and never in a ring. Its arguments say what a fact adds: its ledger, and its time, unit, about, amount
-- and sign.
CREATE FUNCTION keep_movement_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
     SELECT %L, date_bin(''15 minutes'', %I, timestamptz ''2000-01-01 00:00Z''), %s, %s, kind, pg_backend_pid() %% 4,
            %s * count(*), %s * sum(%I)
     FROM changed GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
     ON CONFLICT (ledger, slot, unit, about, kind, part) DO UPDATE
     SET count = total.count + excluded.count, amount = total.amount + excluded.amount',
    TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3], TG_ARGV[5], TG_ARGV[5], TG_ARGV[4]);
  RETURN NULL;
END $$;

CREATE TRIGGER fact_points_entry_totals_INSERT_NEW AFTER INSERT ON fact_points_entry REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('points', 'posted_at', '''''', 'programme_key', 'change', '1');
CREATE TRIGGER fact_points_entry_totals_UPDATE_NEW AFTER UPDATE ON fact_points_entry REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('points', 'posted_at', '''''', 'programme_key', 'change', '1');
CREATE TRIGGER fact_points_entry_totals_UPDATE_OLD AFTER UPDATE ON fact_points_entry REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('points', 'posted_at', '''''', 'programme_key', 'change', '-1');
CREATE TRIGGER fact_points_entry_totals_DELETE_OLD AFTER DELETE ON fact_points_entry REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('points', 'posted_at', '''''', 'programme_key', 'change', '-1');

-- Each payment counts twice: for its merchant, and for all of them together, as about = 0.
CREATE TRIGGER fact_payment_event_totals_INSERT_NEW AFTER INSERT ON fact_payment_event REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('payments', 'event_at', 'currency', 'unnest(ARRAY[merchant_key, 0])', 'amount', '1');
CREATE TRIGGER fact_payment_event_totals_UPDATE_NEW AFTER UPDATE ON fact_payment_event REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('payments', 'event_at', 'currency', 'unnest(ARRAY[merchant_key, 0])', 'amount', '1');
CREATE TRIGGER fact_payment_event_totals_UPDATE_OLD AFTER UPDATE ON fact_payment_event REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('payments', 'event_at', 'currency', 'unnest(ARRAY[merchant_key, 0])', 'amount', '-1');
CREATE TRIGGER fact_payment_event_totals_DELETE_OLD AFTER DELETE ON fact_payment_event REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('payments', 'event_at', 'currency', 'unnest(ARRAY[merchant_key, 0])', 'amount', '-1');

CREATE TRIGGER fact_wallet_entry_totals_INSERT_NEW AFTER INSERT ON fact_wallet_entry REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('wallets', 'posted_at', 'currency', '0', 'amount', '1');
CREATE TRIGGER fact_wallet_entry_totals_UPDATE_NEW AFTER UPDATE ON fact_wallet_entry REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('wallets', 'posted_at', 'currency', '0', 'amount', '1');
CREATE TRIGGER fact_wallet_entry_totals_UPDATE_OLD AFTER UPDATE ON fact_wallet_entry REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('wallets', 'posted_at', 'currency', '0', 'amount', '-1');
CREATE TRIGGER fact_wallet_entry_totals_DELETE_OLD AFTER DELETE ON fact_wallet_entry REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT
  EXECUTE FUNCTION keep_movement_totals('wallets', 'posted_at', 'currency', '0', 'amount', '-1');
