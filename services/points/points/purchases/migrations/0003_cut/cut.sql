-- What budgets cut stays, too.
CREATE OR REPLACE FUNCTION refuse_purchase_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.returned >= OLD.returned AND NEW.points_returned >= OLD.points_returned
    AND (NEW.payment_id, NEW.amount, NEW.points, NEW.spent) = (OLD.payment_id, OLD.amount, OLD.points, OLD.spent)
    AND (NEW.channel, NEW.store, NEW.metadata, NEW.lines_by) = (OLD.channel, OLD.store, OLD.metadata, OLD.lines_by)
    AND (NEW.transaction_id, NEW.reference, NEW.merchant_id, NEW.rules_version, NEW.of_budgets, NEW.budget, NEW.cut)
      IS NOT DISTINCT FROM
      (OLD.transaction_id, OLD.reference, OLD.merchant_id, OLD.rules_version, OLD.of_budgets, OLD.budget, OLD.cut) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'purchase %: % refused', OLD.payment_id, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
