-- Writes postings that were decided, one or thousands (ADR 45): the only way into transactions, entries, lots and allocations
-- but for `ledger_optimistic`. It runs as the owner of the tables, whoever calls it, and checks all that it is given: rows
-- name their posting by its place in the list, so that they are of its transaction and its account by how they are made;
-- what is left to check are lengths of the lists and sums over them.
-- Rows are locked in the order of their ids: accounts, then lots.
-- Lists are never joined with lists: what one row needs of another is found by its place (arrays that a function is given
-- are taken apart once). Accounts and lots are found by `= ANY`, which can only be looked up: for `=` a plan that was made
-- while there were few of them reads all in the order of the key, and looks for each in the list. So each plan can be kept.
-- A column that says the same in each row has it once: `least` finds it for all.
CREATE FUNCTION ledger_post(
  at timestamptz, ids uuid[], accounts bigint[], kinds text[], balances bigint[], reverses uuid[], actors uuid[],
  occurred timestamptz[], reference_texts text[], reasons text[], source_keys text[],
  entry_of integer[], versions bigint[], buckets integer[], changes bigint[], balances_after bigint[],
  opened_of integer[], opened uuid[], opened_points bigint[], opened_numbers bigint[], opened_ends timestamptz[],
  opened_days date[], taken_of integer[], taken uuid[], taken_points bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_nestloop = on
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  names CONSTANT text[] := '{available,held,pending,deficit,issued,redeemed,expired,adjusted,returned}';
  postings CONSTANT bigint := cardinality(ids);
  entries CONSTANT bigint := cardinality(entry_of);
  lots CONSTANT bigint := cardinality(opened_of);
  many bigint; invariant text; wrong text;
BEGIN
  IF (postings = cardinality(accounts) AND postings = cardinality(balances)
    AND cardinality(kinds) IN (1, postings) AND cardinality(reverses) IN (1, postings)
    AND cardinality(actors) IN (1, postings) AND cardinality(occurred) IN (1, postings)
    AND cardinality(reference_texts) IN (1, postings) AND cardinality(reasons) IN (1, postings)
    AND cardinality(source_keys) IN (1, postings)
    AND entries = cardinality(versions) AND entries = cardinality(buckets) AND entries = cardinality(changes)
    AND entries = cardinality(balances_after)
    AND lots = cardinality(opened) AND cardinality(opened_points) IN (1, lots) AND cardinality(opened_numbers) IN (1, lots)
    AND cardinality(opened_ends) IN (1, lots) AND cardinality(opened_days) IN (1, lots)
    AND cardinality(taken_of) = cardinality(taken) AND cardinality(taken_of) = cardinality(taken_points)) IS NOT TRUE
  THEN
    PERFORM public.raise_violation('the lists of postings are of one length', ids[1]::text);
  END IF;
  IF NOT kinds <@ '{earned,redeemed,expired,adjusted,reversed,returned,held,released,sent,received,activated,cancelled,
                    restored,reinstated}'::text[] THEN
    PERFORM public.raise_violation('a transaction is of a kind', ids[1]::text);
  END IF;

  WITH moves AS MATERIALIZED (
    SELECT accounts[entry_of[n]] AS id, min(versions[n]) - 1 AS version, max(versions[n]) AS last, count(*) AS steps,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 1), 0)::bigint AS available,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 2), 0)::bigint AS held,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 3), 0)::bigint AS pending,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 4), 0)::bigint AS deficit,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 5), 0)::bigint AS issued,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 6), 0)::bigint AS redeemed,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 7), 0)::bigint AS expired,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 8), 0)::bigint AS adjusted,
      coalesce(sum(changes[n]) FILTER (WHERE buckets[n] = 9), 0)::bigint AS returned
    FROM generate_series(1, entries) AS n GROUP BY 1 ORDER BY 1
  ), moved AS (
    UPDATE public.account a SET version = m.last, available = a.available + m.available, held = a.held + m.held,
      pending = a.pending + m.pending, deficit = a.deficit + m.deficit, issued = a.issued + m.issued,
      redeemed = a.redeemed + m.redeemed, expired = a.expired + m.expired, adjusted = a.adjusted + m.adjusted,
      returned = a.returned + m.returned
    -- The numbers of entries are unique: so many up to the last leave no gap.
    FROM moves m WHERE a.id = ANY (ARRAY[m.id]) AND a.version = m.version AND m.last = m.version + m.steps
    RETURNING a.id, CASE
      WHEN least(a.available, a.held, a.pending, -a.deficit, -a.issued, a.redeemed, a.expired, a.returned) < 0
        THEN 'each bucket has its sign' END AS broken
  )
  SELECT CASE WHEN count(*) < (SELECT count(*) FROM moves) THEN 'an account''s entries are numbered without a gap'
      ELSE min(broken) END,
    CASE WHEN count(*) < (SELECT count(*) FROM moves)
      THEN (SELECT min(id) FROM (SELECT id FROM moves EXCEPT SELECT id FROM moved) left_out)
      ELSE min(id) FILTER (WHERE broken IS NOT NULL) END
  INTO invariant, wrong FROM moved;
  IF invariant IS NOT NULL THEN PERFORM public.raise_violation(invariant, wrong); END IF;

  WITH parts AS (
    SELECT entry_of[n] AS place, versions[n] AS version, changes[n] AS points,
      CASE WHEN buckets[n] = 1 THEN changes[n] ELSE 0 END AS available, 0::bigint AS in_lots, NULL::bigint AS number,
      (changes[n] <> 0 AND buckets[n] BETWEEN 1 AND 9) IS NOT TRUE AS is_odd
    FROM generate_series(1, entries) AS n
    UNION ALL
    SELECT opened_of[n], NULL, 0, 0, opened_points[least(n, cardinality(opened_points))],
      opened_numbers[least(n, cardinality(opened_numbers))], false
    FROM generate_series(1, lots) AS n
    UNION ALL
    SELECT taken_of[n], NULL, 0, 0, -taken_points[n], NULL, false
    FROM generate_series(1, cardinality(taken_of)) AS n
  ), sums AS MATERIALIZED (
    SELECT place, max(version) AS version, max(version) - min(version) + 1 - count(version) AS gap,
      sum(points) AS total, sum(abs(points))::bigint AS moved, sum(available)::bigint AS change,
      sum(in_lots) AS in_lots, min(number) AS first_number, max(number) AS last_number, bool_or(is_odd) AS is_odd
    FROM parts GROUP BY place
  ), made AS (
    INSERT INTO public.points_transaction (id, account_id, version, kind, points, change, balance_after, reverses_id,
      actor_id, occurred_at, reference, reason, source_key, posted_at)
    SELECT ids[place], accounts[place], version, kinds[least(place, cardinality(kinds))], moved / 2, change,
      balances[place], reverses[least(place, cardinality(reverses))], actors[least(place, cardinality(actors))],
      occurred[least(place, cardinality(occurred))], reference_texts[least(place, cardinality(reference_texts))],
      reasons[least(place, cardinality(reasons))], source_keys[least(place, cardinality(source_keys))], at
    FROM sums WHERE version IS NOT NULL ORDER BY place
  )
  SELECT count(*), min(broken), min(ids[place]::text) FILTER (WHERE broken IS NOT NULL) INTO many, invariant, wrong FROM (
    SELECT place, CASE
      WHEN version IS NULL OR gap <> 0 THEN 'a transaction says what its entries say'
      WHEN is_odd THEN 'an entry changes a bucket'
      WHEN total <> 0 THEN 'the entries of a transaction sum to zero'
      WHEN in_lots <> change THEN 'lots move as the available points do'
      WHEN first_number <> version OR last_number <> version
        THEN 'a lot is numbered as the transaction that opened it' END AS broken
    FROM sums) judged;
  IF invariant IS NOT NULL THEN PERFORM public.raise_violation(invariant, wrong); END IF;
  IF many IS DISTINCT FROM postings THEN
    PERFORM public.raise_violation('a transaction says what its entries say', many || ' of ' || postings);
  END IF;

  INSERT INTO public.entry (account_id, version, transaction_id, bucket, points, balance_after)
  SELECT accounts[entry_of[n]], versions[n], ids[entry_of[n]], names[buckets[n]], changes[n], balances_after[n]
  FROM generate_series(1, entries) AS n;
  IF lots > 0 THEN
    INSERT INTO public.lot (id, account_id, number, points, remaining, active_from, expires_at, opened_by_id, expires_on)
    SELECT opened[n], accounts[opened_of[n]], opened_numbers[least(n, cardinality(opened_numbers))],
      opened_points[least(n, cardinality(opened_points))], opened_points[least(n, cardinality(opened_points))],
      occurred[least(opened_of[n], cardinality(occurred))], opened_ends[least(n, cardinality(opened_ends))],
      nullif(ids[opened_of[n]], opened[n]), opened_days[least(n, cardinality(opened_days))]
    FROM generate_series(1, lots) AS n;
  END IF;
  IF cardinality(taken_of) > 0 THEN
    INSERT INTO public.allocation (transaction_id, lot_id, points)
    SELECT ids[taken_of[n]], taken[n], taken_points[n]
    FROM generate_series(1, cardinality(taken_of)) AS n;
    -- A statement of its own: it sees the lots that opened just now.
    WITH eaten AS MATERIALIZED (
      SELECT taken[n] AS id, accounts[taken_of[n]] AS account_id,
        sum(taken_points[n])::bigint AS points
      FROM generate_series(1, cardinality(taken_of)) AS n GROUP BY 1, 2 ORDER BY 1
    ), changed AS (
      UPDATE public.lot SET remaining = lot.remaining - e.points FROM eaten e
      WHERE lot.id = ANY (ARRAY[e.id]) AND lot.account_id + 0 = e.account_id RETURNING lot.id
    )
    SELECT CASE WHEN count(*) < (SELECT count(*) FROM eaten)
      THEN coalesce((SELECT min(id::text) FROM (SELECT id FROM eaten EXCEPT SELECT id FROM changed) left_out), 'twice') END
    INTO wrong FROM changed;
    IF wrong IS NOT NULL THEN PERFORM public.raise_violation('an allocation stays within its account', wrong); END IF;
  END IF;
END $$;
