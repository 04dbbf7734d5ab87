-- Voucher campaigns as they were last said to be; those that only a fact has named so far are inferred.
INSERT INTO dim_campaign (campaign_id, name, kind, status, changed_at, is_inferred)
SELECT DISTINCT ON (said.campaign_id) said.campaign_id, said.name, said.kind, said.status, said.changed_at, false
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    campaign_id uuid, name text, kind text, status text, changed_at timestamptz)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'voucher_campaign_changed'
ORDER BY said.campaign_id, said.changed_at DESC, message.staged_seq DESC
ON CONFLICT (campaign_id) DO UPDATE
SET name = excluded.name, kind = excluded.kind, status = excluded.status, changed_at = excluded.changed_at,
    is_inferred = false
WHERE dim_campaign.is_inferred OR dim_campaign.changed_at <= excluded.changed_at;

INSERT INTO dim_campaign (campaign_id, name, kind, status, changed_at, is_inferred)
SELECT DISTINCT named.campaign_id, '', '', '', NULL::timestamptz, true
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS named (campaign_id uuid)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name IN (
    'voucher_issued', 'voucher_redeemed', 'voucher_released', 'voucher_cancelled')
  AND NOT EXISTS (SELECT FROM dim_campaign AS known WHERE known.campaign_id = named.campaign_id)
ORDER BY named.campaign_id
ON CONFLICT DO NOTHING;
