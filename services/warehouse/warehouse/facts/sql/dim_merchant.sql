-- Merchants as they are said to be; those that only a fact has named so far are inferred.
INSERT INTO dim_merchant (merchant_id, name, created_at, is_inferred)
SELECT DISTINCT ON (said.merchant_id) said.merchant_id, said.name, said.created_at, false
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (merchant_id uuid, name text, created_at timestamptz)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'merchant_created'
ORDER BY said.merchant_id, message.staged_seq
ON CONFLICT (merchant_id) DO UPDATE
SET name = excluded.name, created_at = excluded.created_at, is_inferred = false
WHERE dim_merchant.is_inferred;

INSERT INTO dim_merchant (merchant_id, name, created_at, is_inferred)
SELECT DISTINCT named.merchant_id, '', NULL::timestamptz, true
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS named (merchant_id uuid)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND named.merchant_id IS NOT NULL
  AND (message.name LIKE 'payment%%' OR message.name IN ('points_earned', 'points_pending', 'points_returned', 'points_adjusted'))
  AND NOT EXISTS (SELECT FROM dim_merchant AS known WHERE known.merchant_id = named.merchant_id)
ORDER BY named.merchant_id
ON CONFLICT DO NOTHING;
