-- A lot and what it gave, in JSON as the service writes it (shared.http.views.to_json).
CREATE FUNCTION ledger_lot_in_json(lot uuid, points bigint, ends timestamptz, last_day date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE local timestamp := ends AT TIME ZONE 'UTC'; day text := 'null'; instant text := 'null';
BEGIN
  IF local IS NOT NULL THEN
    instant := '"' || to_char(local, 'YYYY-MM-DD"T"HH24:MI:SS');
    IF date_trunc('second', local) <> local THEN
      instant := instant || to_char(local, '.US');
    END IF;
    instant := instant || 'Z"';
  END IF;
  IF last_day IS NOT NULL THEN
    day := '"' || to_char(last_day, 'YYYY-MM-DD') || '"';
  END IF;
  RETURN '{"lot_id":"' || lot || '","points":' || points || ',"expires_at":' || instant || ',"expires_on":' || day || '}';
END $$;

-- Writes an earning or a redemption before its account is read (ADR 29, ADR 45), where that makes no difference: rules are
-- Python's, and this raises OC001 where they have to decide on the account itself. It leaves what the account comes to, and
-- the lots that paid, in `render.values`. Runs as the owner of the tables, as `ledger_post` does. 10^15 is the rules'
-- LARGEST_BALANCE. The lots that pay are those that are read first where an account is (posting.load), as many and as far as
-- they are alive; they are found in the order of the index, never sorted, which would read all of them.
CREATE FUNCTION ledger_optimistic(
  at timestamptz, of_programme uuid, of_member uuid, posting uuid, kind text, moved bigint, actor uuid,
  occurred_at timestamptz, reference text, reason text, source text, ends timestamptz, last_day date
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  a public.account; is_set text; is_earned CONSTANT boolean := kind = 'earned';
  change CONSTANT bigint := CASE WHEN kind = 'earned' THEN moved ELSE -moved END;
  missing bigint := moved; part bigint; lots text[] := '{}'; l record;
BEGIN
  IF (moved > 0 AND kind IN ('earned', 'redeemed')) IS NOT TRUE THEN
    PERFORM public.raise_violation('an optimistic posting earns or redeems points', posting::text);
  END IF;
  IF is_earned THEN
    UPDATE public.account SET version = account.version + 2, available = account.available + moved,
      issued = account.issued - moved
    WHERE account.member_id = of_member AND account.programme_id = of_programme AND account.merged_into IS NULL
      AND account.deficit = 0 AND account.issued >= moved - 1000000000000000
    RETURNING account.* INTO a;
  ELSE
    UPDATE public.account SET version = account.version + 2, available = account.available - moved,
      redeemed = account.redeemed + moved
    WHERE account.member_id = of_member AND account.programme_id = of_programme AND account.merged_into IS NULL
      AND account.available >= moved
    RETURNING account.* INTO a;
  END IF;
  IF NOT FOUND
    OR a.held <> 0 AND EXISTS (
      SELECT FROM public.hold h WHERE h.account_id = a.id AND h.state = 'held' AND h.expires_at <= at)
    OR a.pending <> 0 AND EXISTS (
      SELECT FROM public.pending_points p WHERE p.account_id = a.id AND p.state = 'pending' AND p.due_at <= at)
    OR source IS NOT NULL AND EXISTS (SELECT FROM public.points_transaction t WHERE t.source_key = source)
  THEN
    RAISE EXCEPTION 'the account has to be read first' USING ERRCODE = 'OC001';
  END IF;
  INSERT INTO public.points_transaction (id, account_id, version, kind, points, change, balance_after, actor_id,
    occurred_at, reference, reason, source_key, posted_at)
  VALUES (posting, a.id, a.version, kind, moved, change, a.available, actor, occurred_at, reference, reason, source, at);
  INSERT INTO public.entry (account_id, version, transaction_id, bucket, points, balance_after)
  VALUES (a.id, a.version - 1, posting, 'available', change, a.available),
    (a.id, a.version, posting, CASE WHEN is_earned THEN 'issued' ELSE 'redeemed' END, -change,
      CASE WHEN is_earned THEN a.issued ELSE a.redeemed END);
  IF is_earned THEN
    INSERT INTO public.lot (id, account_id, number, points, remaining, active_from, expires_at, expires_on)
    VALUES (posting, a.id, a.version, moved, moved, occurred_at, ends, last_day);
    is_set := set_config('render.values', concat_ws(E'\x01', a.available, a.issued), false);
    RETURN;
  END IF;
  FOR l IN
    SELECT lot.id, lot.remaining, lot.expires_at, lot.expires_on FROM public.lot
    WHERE lot.account_id = a.id AND lot.is_open ORDER BY lot.expires_at, lot.number LIMIT 20
  LOOP
    CONTINUE WHEN l.expires_at <= at;
    part := least(l.remaining, missing);
    UPDATE public.lot SET remaining = lot.remaining - part WHERE lot.id = l.id;
    INSERT INTO public.allocation (transaction_id, lot_id, points) VALUES (posting, l.id, part);
    lots := lots || public.ledger_lot_in_json(l.id, -part, l.expires_at, l.expires_on);
    missing := missing - part;
    EXIT WHEN missing = 0;
  END LOOP;
  IF missing > 0 THEN
    RAISE EXCEPTION 'the account has to be read first' USING ERRCODE = 'OC001';
  END IF;
  is_set := set_config('render.values', concat_ws(E'\x01', a.available, a.redeemed,
    '[' || array_to_string(lots, ',') || ']'), false);
END $$;
