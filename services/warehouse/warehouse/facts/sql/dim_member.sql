-- Members as they registered; those that only a fact has named so far are inferred. One version each, from the
-- year 1 until 9999, as long as no message changes a member.
INSERT INTO dim_member (member_id, roles, merchant_id, registered_at, is_inferred, valid_from, valid_to)
SELECT DISTINCT ON (said.user_id) said.user_id, said.roles, said.merchant_id, said.registered_at, false,
       timestamptz '0001-01-01 00:00Z', timestamptz '9999-12-31 00:00Z'
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    user_id uuid, roles text[], merchant_id uuid, registered_at timestamptz)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'user_registered'
ORDER BY said.user_id, message.staged_seq
ON CONFLICT (member_id, valid_from) DO UPDATE
SET roles = excluded.roles, merchant_id = excluded.merchant_id, registered_at = excluded.registered_at,
    is_inferred = false
WHERE dim_member.is_inferred;

INSERT INTO dim_member (member_id, roles, merchant_id, registered_at, is_inferred, valid_from, valid_to)
SELECT DISTINCT named.member_id, ARRAY[]::text[], NULL::uuid, NULL::timestamptz, true,
       timestamptz '0001-01-01 00:00Z', timestamptz '9999-12-31 00:00Z'
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS named (member_id uuid)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND named.member_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM dim_member AS known WHERE known.member_id = named.member_id)
ORDER BY named.member_id
ON CONFLICT DO NOTHING;

-- Who was shut out; one whose registration is still under way is inferred.
INSERT INTO dim_member (member_id, roles, merchant_id, registered_at, deactivated_at, is_inferred, valid_from, valid_to)
SELECT said.user_id, ARRAY[]::text[], NULL::uuid, NULL::timestamptz, min(said.deactivated_at), true,
       timestamptz '0001-01-01 00:00Z', timestamptz '9999-12-31 00:00Z'
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (user_id uuid, deactivated_at timestamptz)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'user_deactivated'
GROUP BY said.user_id ORDER BY said.user_id
ON CONFLICT (member_id, valid_from) DO UPDATE SET deactivated_at = excluded.deactivated_at
WHERE dim_member.deactivated_at IS NULL;
