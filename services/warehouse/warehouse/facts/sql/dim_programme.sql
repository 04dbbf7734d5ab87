-- Programmes as they were last said to be; those that only a fact has named so far are inferred.
INSERT INTO dim_programme (programme_id, name, currency, timezone, value_points, value_amount, changed_at, is_inferred)
SELECT DISTINCT ON (said.programme_id) said.programme_id, said.name, said.currency, said.timezone, said.value_points,
       said.value_amount, said.changed_at, false
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    programme_id uuid, name text, currency text, timezone text, value_points bigint, value_amount bigint,
    changed_at timestamptz)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'programme_changed'
ORDER BY said.programme_id, said.changed_at DESC, message.staged_seq DESC
ON CONFLICT (programme_id) DO UPDATE
SET name = excluded.name, currency = excluded.currency, timezone = excluded.timezone,
    value_points = excluded.value_points, value_amount = excluded.value_amount, changed_at = excluded.changed_at,
    is_inferred = false
WHERE dim_programme.is_inferred OR dim_programme.changed_at <= excluded.changed_at;

INSERT INTO dim_programme (programme_id, name, currency, timezone, value_points, value_amount, changed_at, is_inferred)
SELECT DISTINCT named.programme_id, '', '', '', NULL::bigint, NULL::bigint, NULL::timestamptz, true
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS named (programme_id uuid)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND (message.name LIKE 'points%%' OR message.name IN ('tier_changed', 'budget_changed'))
  AND NOT EXISTS (SELECT FROM dim_programme AS known WHERE known.programme_id = named.programme_id)
ORDER BY named.programme_id
ON CONFLICT DO NOTHING;
