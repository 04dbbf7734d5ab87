INSERT INTO fact_payment_event (
    event_id, kind, event_at, date_key, payment_id, member_key, merchant_key, amount, money_amount, currency, order_id,
    failure_code, message_id)
SELECT event.id, substr(message.name, 9), event.at, to_char(event.at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer,
       said.payment_id, member.member_key, merchant.merchant_key, said.amount, said.money_amount, said.currency,
       coalesce(said.order_id, ''), coalesce(said.code, ''), message.message_id
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    payment_id uuid, refund_id uuid, merchant_id uuid, member_id uuid, amount bigint, money_amount bigint,
    currency text, order_id text, code text, captured_at timestamptz, refunded_at timestamptz, failed_at timestamptz)
CROSS JOIN LATERAL (
    SELECT CASE message.name WHEN 'payment_captured' THEN said.payment_id WHEN 'payment_refunded' THEN said.refund_id
                             ELSE message.message_id END AS id,
           coalesce(said.captured_at, said.refunded_at, said.failed_at) AS at) AS event
JOIN dim_merchant AS merchant ON merchant.merchant_id = said.merchant_id
JOIN dim_member AS member ON member.member_id = said.member_id
  AND member.valid_from <= event.at AND event.at < member.valid_to
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1
  AND message.name IN ('payment_captured', 'payment_refunded', 'payment_failed')
ORDER BY event.at, event.id, message.staged_seq
ON CONFLICT DO NOTHING;
