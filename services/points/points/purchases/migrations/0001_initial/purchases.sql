-- What was returned only grows, and what it is measured by stays.
CREATE FUNCTION refuse_purchase_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.returned >= OLD.returned AND NEW.points_returned >= OLD.points_returned
    AND (NEW.payment_id, NEW.amount, NEW.points, NEW.spent) = (OLD.payment_id, OLD.amount, OLD.points, OLD.spent)
    AND (NEW.channel, NEW.store, NEW.metadata, NEW.lines_by) = (OLD.channel, OLD.store, OLD.metadata, OLD.lines_by)
    AND (NEW.transaction_id, NEW.reference, NEW.merchant_id, NEW.rules_version, NEW.of_budgets)
      IS NOT DISTINCT FROM (OLD.transaction_id, OLD.reference, OLD.merchant_id, OLD.rules_version, OLD.of_budgets) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'purchase %: % refused', OLD.payment_id, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER purchase_moves BEFORE UPDATE OR DELETE ON purchase FOR EACH ROW EXECUTE FUNCTION refuse_purchase_change();

CREATE FUNCTION refuse_spend_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.restored >= OLD.restored
    AND (NEW.redemption_id, NEW.payment_id, NEW.points) = (OLD.redemption_id, OLD.payment_id, OLD.points) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'redemption % of a purchase: % refused', OLD.redemption_id, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER purchase_spend_moves BEFORE UPDATE OR DELETE ON purchase_spend FOR EACH ROW
  EXECUTE FUNCTION refuse_spend_change();
CREATE TRIGGER purchase_spend_no_truncate BEFORE TRUNCATE ON purchase_spend FOR EACH STATEMENT
  EXECUTE FUNCTION refuse_change();
