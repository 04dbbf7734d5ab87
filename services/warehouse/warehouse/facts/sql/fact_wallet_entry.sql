INSERT INTO fact_wallet_entry (
    entry_id, posted_at, date_key, wallet_id, member_key, kind, amount, currency, balance, message_id)
SELECT said.entry_id, said.posted_at, to_char(said.posted_at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer, said.wallet_id,
       member.member_key, said.kind, said.amount, said.currency, said.balance, message.message_id
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    entry_id uuid, wallet_id uuid, member_id uuid, kind text, amount bigint, currency text, balance bigint,
    posted_at timestamptz)
JOIN dim_member AS member ON member.member_id = said.member_id
  AND member.valid_from <= said.posted_at AND said.posted_at < member.valid_to
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'wallet_changed'
ORDER BY said.posted_at, said.entry_id, message.staged_seq
ON CONFLICT DO NOTHING;
