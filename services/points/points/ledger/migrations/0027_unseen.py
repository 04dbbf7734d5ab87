"""An earning, or a redemption, is written before its account is seen, where that makes no difference (ADR 29).

These functions run as the owner of the tables, whoever calls them. Their rows fit by how they are made, so the triggers
need not look at them: see 0023. Each table is named with its schema, so that no name means another's.
"""

from django.db import migrations

# Rules are Python's: these say whether the guess holds that `rules.unseen` made.
_HEAD = """
CREATE FUNCTION {name}(
  at timestamptz, of_programme uuid, of_member uuid, posting uuid, moved bigint, actor uuid, occurred_at timestamptz,
  reference text, reason text, source text{more}
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE a public.account; is_function text;{variables}
BEGIN
  IF (moved > 0) IS NOT TRUE THEN
    PERFORM public.refuse_unfit('a transaction is of a kind and moves points', posting::text);
  END IF;
  is_function := set_config('ledger.by_function', 'on', true);
"""
_SEE_FIRST = "RAISE EXCEPTION 'the account has to be seen first' USING ERRCODE = 'BL001';"
_HAS_TO_BE_SEEN = f"""
  IF NOT FOUND
    OR a.held <> 0 AND EXISTS (
      SELECT FROM public.hold h WHERE h.account_id = a.id AND h.state = 'held' AND h.expires_at <= at)
    OR a.pending <> 0 AND EXISTS (
      SELECT FROM public.pending_points p WHERE p.account_id = a.id AND p.state = 'pending' AND p.due_at <= at)
    OR source IS NOT NULL AND EXISTS (SELECT FROM public.points_transaction t WHERE t.source_key = source)
  THEN
    {_SEE_FIRST}
  END IF;
"""
_WRITTEN = """
  INSERT INTO public.points_transaction (id, account_id, version, kind, points, change, balance_after, actor_id,
    occurred_at, reference, reason, source_key, posted_at)
  VALUES (posting, a.id, a.version, '{kind}', moved, {change}, a.available, actor, occurred_at, reference, reason, source,
    at);
  INSERT INTO public.entry (account_id, version, transaction_id, bucket, points, balance_after)
  VALUES (a.id, a.version - 1, posting, 'available', {change}, a.available),
    (a.id, a.version, posting, '{counter}', -{change}, a.{counter});
"""
_TAIL = """
  is_function := set_config('ledger.by_function', 'off', true);
  is_function := set_config('blanks.values', {values}, false);
END $$;
"""
# 10^15 is the rules' LARGEST_BALANCE.
GIVE = (
    _HEAD.format(name="ledger_give_unseen", more=", ends timestamptz, last_day date", variables="")
    + """
  UPDATE public.account SET version = account.version + 2, available = account.available + moved,
    issued = account.issued - moved
  WHERE account.member_id = of_member AND account.programme_id = of_programme AND account.merged_into IS NULL
    AND account.deficit = 0 AND account.issued >= moved - 1000000000000000
  RETURNING account.* INTO a;
"""
    + _HAS_TO_BE_SEEN
    + _WRITTEN.format(kind="earned", change="moved", counter="issued")
    + """
  INSERT INTO public.lot (id, account_id, number, points, remaining, active_from, expires_at, expires_on)
  VALUES (posting, a.id, a.version, moved, moved, occurred_at, ends, last_day);
"""
    + _TAIL.format(values="concat_ws(E'\\x01', a.available, a.issued)")
)
# The lots that pay are those that are read first where an account is seen (ledger.locks), as many and as far as they are
# alive. They are found in the order of the index, never sorted, which would read all of them.
TAKE = (
    _HEAD.format(
        name="ledger_take_unseen",
        more="",
        variables=" missing bigint := moved; part bigint; lots text[] := '{}'; l record;",
    )
    + """
  UPDATE public.account SET version = account.version + 2, available = account.available - moved,
    redeemed = account.redeemed + moved
  WHERE account.member_id = of_member AND account.programme_id = of_programme AND account.merged_into IS NULL
    AND account.available >= moved
  RETURNING account.* INTO a;
"""
    + _HAS_TO_BE_SEEN
    + _WRITTEN.format(kind="redeemed", change="(-moved)", counter="redeemed")
    + f"""
  FOR l IN
    SELECT lot.id, lot.remaining, lot.expires_at, lot.expires_on FROM public.lot
    WHERE lot.account_id = a.id AND lot.is_open ORDER BY lot.expires_at, lot.number LIMIT 20
  LOOP
    CONTINUE WHEN l.expires_at <= at;
    part := least(l.remaining, missing);
    UPDATE public.lot SET remaining = lot.remaining - part WHERE lot.id = l.id;
    INSERT INTO public.allocation (transaction_id, lot_id, points) VALUES (posting, l.id, part);
    lots := lots || public.ledger_take_in_json(l.id, -part, l.expires_at, l.expires_on);
    missing := missing - part;
    EXIT WHEN missing = 0;
  END LOOP;
  IF missing > 0 THEN
    {_SEE_FIRST}
  END IF;
"""
    + _TAIL.format(values="concat_ws(E'\\x01', a.available, a.redeemed, '[' || array_to_string(lots, ',') || ']')")
)
# As the service writes it (shared.http.views.to_json).
TAKE_IN_JSON = """
CREATE FUNCTION ledger_take_in_json(lot uuid, points bigint, ends timestamptz, last_day date) RETURNS text
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
"""
_SHAPE = "timestamptz, uuid, uuid, uuid, bigint, uuid, timestamptz, text, text, text"


class Migration(migrations.Migration):

    dependencies = [("ledger", "0026_programmes_of_accounts")]

    operations = [
        migrations.RunSQL(TAKE_IN_JSON, "DROP FUNCTION ledger_take_in_json(uuid, bigint, timestamptz, date)"),
        migrations.RunSQL(GIVE, f"DROP FUNCTION ledger_give_unseen({_SHAPE}, timestamptz, date)"),
        migrations.RunSQL(TAKE, f"DROP FUNCTION ledger_take_unseen({_SHAPE})"),
    ]
