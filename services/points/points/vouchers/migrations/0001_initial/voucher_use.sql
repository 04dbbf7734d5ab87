-- Writes a use of a voucher on an order that is locked, and counts it in the order of all locks: voucher, redemption,
-- member's count, campaign. Every limit is one conditional update. Returns what has no room for it, and then leaves
-- what is to be undone; NULL where all have. In an optimistic attempt it raises a conflict instead: it goes with the
-- commit then, and nobody reads what it returns.
CREATE FUNCTION voucher_use(
  redemption uuid, of_voucher uuid, of_campaign uuid, of_member uuid, actor uuid, used_at timestamptz, of_order text,
  of_merchant uuid, of_currency text, costs bigint, takes_off bigint, alone boolean, late_uses bigint,
  per_member integer, of_budgets jsonb, is_optimistic boolean
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  UPDATE voucher SET uses = uses + 1 WHERE id = of_voucher AND uses + late_uses < uses_max AND cancelled_at IS NULL;
  IF NOT FOUND THEN RETURN voucher_lacks('voucher', is_optimistic); END IF;

  INSERT INTO voucher_redemption (id, voucher_id, campaign_id, member_id, order_id, order_total, discount, currency,
    status, redeemed_by, merchant_id, redeemed_at, spent)
  VALUES (redemption, of_voucher, of_campaign, of_member, of_order, costs, takes_off, of_currency, 'redeemed', actor,
    of_merchant, used_at, of_budgets)
  ON CONFLICT (order_id, merchant_id, voucher_id) WHERE status = 'redeemed' DO NOTHING;
  IF NOT FOUND THEN RETURN voucher_lacks('order', is_optimistic); END IF;
  INSERT INTO voucher_redemption_event (redemption_id, kind, actor_id, at) VALUES (redemption, 'redeemed', actor, used_at);
  -- What it costs is said anew by the first voucher that counts on it.
  UPDATE voucher_order SET uses = uses + 1, discount = discount + takes_off, is_exclusive = alone,
    currency = of_currency, total = costs
  WHERE order_id = of_order AND merchant_id IS NOT DISTINCT FROM of_merchant;

  INSERT INTO voucher_member_use AS m (campaign_id, member_id, claimed, used, uses_max)
  VALUES (of_campaign, of_member, 0, 1, per_member)
  ON CONFLICT (campaign_id, member_id) DO UPDATE SET used = m.used + 1 WHERE m.uses_max IS NULL OR m.used < m.uses_max;
  IF NOT FOUND THEN RETURN voucher_lacks('member', is_optimistic); END IF;

  UPDATE voucher_campaign SET used = used + 1 WHERE id = of_campaign AND status = 'active'
    AND starts_at <= used_at AND used_at < ends_at AND (uses_total IS NULL OR used < uses_total);
  IF NOT FOUND THEN RETURN voucher_lacks('campaign', is_optimistic); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION voucher_lacks(what text, is_optimistic boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF is_optimistic THEN RAISE EXCEPTION 'the % has to be read first', what USING ERRCODE = 'OC001'; END IF;
  RETURN what;
END $$;
