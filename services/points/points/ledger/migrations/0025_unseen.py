"""An earning is written before its account is seen, where that makes no difference (ADR 29).

It runs as whoever calls it; what it writes, `ledger_post` does.
"""

from django.db import migrations

# Rules are Python's: this only says whether the guess holds that `rules.unseen` made. 10^15 is its LARGEST_BALANCE.
GIVE_UNSEEN = """
CREATE FUNCTION ledger_give_unseen(
  at timestamptz, of_programme uuid, of_member uuid, posting uuid, points bigint, ends timestamptz, last_day date,
  actor uuid, occurred_at timestamptz, reference text, reason text, source text
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE a public.account;
BEGIN
  SELECT * INTO a FROM public.account WHERE programme_id = of_programme AND member_id = of_member FOR NO KEY UPDATE;
  IF NOT FOUND OR a.merged_into IS NOT NULL OR a.deficit <> 0 OR a.issued - points < -1000000000000000
    OR a.held <> 0 AND EXISTS (
      SELECT FROM public.hold h WHERE h.account_id = a.id AND h.state = 'held' AND h.expires_at <= at)
    OR a.pending <> 0 AND EXISTS (
      SELECT FROM public.pending_points p WHERE p.account_id = a.id AND p.state = 'pending' AND p.due_at <= at)
    OR source IS NOT NULL AND EXISTS (SELECT FROM public.points_transaction t WHERE t.source_key = source)
  THEN
    RAISE EXCEPTION 'the account has to be seen first' USING ERRCODE = 'BL001';
  END IF;
  PERFORM public.ledger_post(at, a.id, a.version, posting, 'earned', NULL, actor, occurred_at, reference, reason, source,
    '{available,issued}', ARRAY[points, -points], ARRAY[posting], ARRAY[points], ARRAY[a.version + 2], ARRAY[ends],
    ARRAY[last_day], '{}', '{}');
  PERFORM set_config('blanks.numbers', (a.available + points) || ',' || (a.issued - points), false);
END $$;
"""
BACK = """
DROP FUNCTION ledger_give_unseen(timestamptz, uuid, uuid, uuid, bigint, timestamptz, date, uuid, timestamptz, text, text,
  text)
"""


class Migration(migrations.Migration):

    dependencies = [("ledger", "0023_one_posting")]

    operations = [migrations.RunSQL(GIVE_UNSEEN, BACK)]
