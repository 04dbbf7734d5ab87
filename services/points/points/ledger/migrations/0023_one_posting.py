"""A single posting is written by a function, and its rows fit by how they are made (ADR 25).

It runs as the owner of the tables, whoever calls it. What it writes, the triggers need not look at that look at what is
written otherwise; they would see the rows of a posting one statement after the other.
"""

from django.db import migrations

# No plan reads a table whole that was small when it was made. Each table is named with its schema, so that no name means another's;
# `search_path` of its own would cost more than two of the inserts.
WRITE_ONE = """
CREATE FUNCTION ledger_post(
  at timestamptz, of_account bigint, after_version bigint, posting uuid, kind text, reverses uuid, actor uuid,
  occurred_at timestamptz, reference text, reason text, source_key text, buckets text[], changes bigint[],
  opened uuid[], opened_points bigint[], opened_numbers bigint[], opened_ends timestamptz[], opened_days date[],
  taken uuid[], taken_points bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET enable_seqscan = off AS $$
DECLARE
  names CONSTANT text[] := '{available,held,pending,deficit,issued,redeemed,expired,adjusted,returned}';
  steps CONSTANT integer := cardinality(buckets);
  moves bigint[] := '{0,0,0,0,0,0,0,0,0}';
  places integer[] := '{}';
  total bigint := 0; moved bigint := 0; in_lots bigint := 0; place integer; balances bigint[]; a public.account;
  is_function text;
BEGIN
  IF kind NOT IN ('earned', 'redeemed', 'expired', 'adjusted', 'reversed', 'returned', 'held', 'released', 'sent',
                  'received', 'activated', 'cancelled', 'restored', 'reinstated') THEN
    PERFORM public.refuse_unfit('a transaction is of a kind and moves points', posting::text);
  END IF;
  FOR n IN 1..steps LOOP
    place := array_position(names, buckets[n]);
    IF place IS NULL OR changes[n] IS NULL OR changes[n] = 0 THEN
      PERFORM public.refuse_unfit('an entry changes a bucket', posting::text);
    END IF;
    places[n] := place;
    moves[place] := moves[place] + changes[n];
    total := total + changes[n];
    moved := moved + abs(changes[n]);
  END LOOP;
  IF total <> 0 OR moved = 0 THEN
    PERFORM public.refuse_unfit('the entries of a transaction sum to zero', posting::text);
  END IF;

  is_function := set_config('ledger.by_function', 'on', true);
  UPDATE public.account SET version = account.version + steps, available = account.available + moves[1],
    held = account.held + moves[2], pending = account.pending + moves[3], deficit = account.deficit + moves[4],
    issued = account.issued + moves[5], redeemed = account.redeemed + moves[6], expired = account.expired + moves[7],
    adjusted = account.adjusted + moves[8], returned = account.returned + moves[9]
  WHERE account.id = of_account AND account.version = after_version RETURNING account.* INTO a;
  IF NOT FOUND THEN
    PERFORM public.refuse_unfit('an account moves as its new entries say', of_account::text);
  END IF;
  IF least(a.available, a.held, a.pending, -a.deficit, -a.issued, a.redeemed, a.expired, a.returned) < 0 THEN
    PERFORM public.refuse_unfit('each bucket has its sign', of_account::text);
  END IF;
  IF a.merged_into IS NOT NULL AND (a.available <> 0 OR a.held <> 0 OR a.pending <> 0 OR a.deficit <> 0) THEN
    PERFORM public.refuse_unfit('a merged account is empty', of_account::text);
  END IF;
  balances := ARRAY[a.available, a.held, a.pending, a.deficit, a.issued, a.redeemed, a.expired, a.adjusted, a.returned];

  INSERT INTO public.points_transaction (id, account_id, version, kind, points, change, balance_after, reverses_id, actor_id,
    occurred_at, reference, reason, source_key, posted_at)
  VALUES (posting, of_account, a.version, kind, moved / 2, moves[1], a.available, reverses, actor,
    occurred_at, reference, reason, source_key, at);
  INSERT INTO public.entry (account_id, version, transaction_id, bucket, points, balance_after)
  SELECT of_account, after_version + n, posting, buckets[n], changes[n], balances[places[n]]
  FROM generate_series(1, steps) AS n;
  FOR n IN 1..cardinality(opened) LOOP
    INSERT INTO public.lot (id, account_id, number, points, remaining, active_from, expires_at, opened_by_id, expires_on)
    VALUES (opened[n], of_account, opened_numbers[n], opened_points[n], opened_points[n], occurred_at, opened_ends[n],
      nullif(posting, opened[n]), opened_days[n]);
    in_lots := in_lots + opened_points[n];
  END LOOP;
  FOR n IN 1..cardinality(taken) LOOP
    UPDATE public.lot SET remaining = lot.remaining - taken_points[n]
    WHERE lot.id = taken[n] AND lot.account_id + 0 = of_account;
    IF NOT FOUND THEN
      PERFORM public.refuse_unfit('an allocation stays within its account', taken[n]::text);
    END IF;
    INSERT INTO public.allocation (transaction_id, lot_id, points) VALUES (posting, taken[n], taken_points[n]);
    in_lots := in_lots - taken_points[n];
  END LOOP;
  IF in_lots <> moves[1] THEN
    PERFORM public.refuse_unfit('lots move as the available points do', posting::text);
  END IF;
  is_function := set_config('ledger.by_function', 'off', true);
END $$;
"""
BACK = """
DROP FUNCTION ledger_post(timestamptz, bigint, bigint, uuid, text, uuid, uuid, timestamptz, text, text, text, text[],
  bigint[], uuid[], bigint[], bigint[], timestamptz[], date[], uuid[], bigint[])
"""
NEW, BOTH = "NEW TABLE AS fresh", "OLD TABLE AS stale NEW TABLE AS fresh"
TRIGGERS = (
    ("account_moves", "UPDATE", "account", BOTH, "accounts_fit"),
    ("transaction_fits", "INSERT", "points_transaction", NEW, "transactions_fit"),
    ("entry_fits", "INSERT", "entry", NEW, "entries_fit"),
    ("lot_fits", "INSERT", "lot", NEW, "lots_fit"),
    ("allocation_fits", "INSERT", "allocation", NEW, "allocations_fit"),
)
# What an account keeps is looked at by the trigger that looks at its other values: a row trigger before an update fetches and
# locks each row once more.
ACCOUNTS_FIT = """
CREATE OR REPLACE FUNCTION accounts_fit() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET enable_seqscan = off SET enable_hashjoin = on AS $$
DECLARE wrong bigint; law text;
BEGIN
  SELECT id, broken INTO wrong, law FROM (
    SELECT n.id, CASE
      WHEN o.id IS NULL OR n.programme_id <> o.programme_id OR n.member_id <> o.member_id
        THEN 'an account keeps what it was made with'
      WHEN n.available + n.held + n.pending + n.deficit + n.issued + n.redeemed + n.expired + n.adjusted + n.returned <> 0
        THEN 'the points of an account sum to zero'
      WHEN least(n.available, n.held, n.pending, -n.deficit, -n.issued, n.redeemed, n.expired, n.returned) < 0
        THEN 'each bucket has its sign'
      WHEN n.merged_into IS NOT NULL AND (n.available <> 0 OR n.held <> 0 OR n.pending <> 0 OR n.deficit <> 0)
        THEN 'a merged account is empty'
      WHEN n.version < o.version OR moved.number <> n.version - o.version
        OR n.available <> o.available + moved.available OR n.held <> o.held + moved.held
        OR n.pending <> o.pending + moved.pending OR n.deficit <> o.deficit + moved.deficit
        OR n.issued <> o.issued + moved.issued OR n.redeemed <> o.redeemed + moved.redeemed
        OR n.expired <> o.expired + moved.expired OR n.adjusted <> o.adjusted + moved.adjusted
        -- What is returned is what is left of zero, once each transaction sums to zero.
        THEN 'an account moves as its new entries say' END AS broken
    FROM fresh n LEFT JOIN stale o ON o.id = n.id CROSS JOIN LATERAL (
      SELECT count(*) AS number, coalesce(sum(e.points) FILTER (WHERE bucket = 'available'), 0) AS available,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'held'), 0) AS held,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'pending'), 0) AS pending,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'deficit'), 0) AS deficit,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'issued'), 0) AS issued,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'redeemed'), 0) AS redeemed,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'expired'), 0) AS expired,
        coalesce(sum(e.points) FILTER (WHERE bucket = 'adjusted'), 0) AS adjusted
      FROM entry e WHERE e.account_id = n.id AND e.version > o.version AND e.version <= n.version OFFSET 0) moved
    OFFSET 0) judged
  WHERE broken IS NOT NULL LIMIT 1;
  IF FOUND THEN PERFORM refuse_unfit(law, wrong::text); END IF;
  RETURN NULL;
END $$;
DROP TRIGGER account_stays ON account;
"""
ACCOUNT_STAYS = """
CREATE TRIGGER account_stays BEFORE UPDATE ON account FOR EACH ROW WHEN (
    (NEW.id, NEW.programme_id, NEW.member_id) IS DISTINCT FROM (OLD.id, OLD.programme_id, OLD.member_id))
  EXECUTE FUNCTION refuse_row_change();
"""


def _trigger(name, event, table, tables, function, *, when):
    """Return what makes a trigger for all that is written, or for all but what the function writes as the owner."""
    return f"""
DO $$ BEGIN EXECUTE format('CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables}
  FOR EACH STATEMENT {when} EXECUTE FUNCTION {function}()', current_user); END $$"""


# Whoever sets the second without being the owner has changed nothing.
BUT_FOR_THE_FUNCTION = "WHEN (current_user <> %L OR current_setting(''ledger.by_function'', true) IS DISTINCT FROM ''on'')"


class Migration(migrations.Migration):

    # Each table in a transaction of its own: none is held while another is waited for.
    atomic = False

    dependencies = [("ledger", "0022_fit_whatever_the_plans")]

    operations = [
        migrations.RunSQL(WRITE_ONE, BACK),
        *(
            migrations.RunSQL(_trigger(*each, when=BUT_FOR_THE_FUNCTION), _trigger(*each, when=""))
            for each in TRIGGERS
        ),
        # It checks all that the old one did: going back, it stays.
        migrations.RunSQL(ACCOUNTS_FIT, ACCOUNT_STAYS),
    ]
