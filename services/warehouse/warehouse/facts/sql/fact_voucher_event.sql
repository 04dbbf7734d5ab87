INSERT INTO fact_voucher_event (
    event_id, kind, event_at, date_key, voucher_id, campaign_key, member_key, price_points, discount, currency,
    order_id, message_id)
SELECT event.id, substr(message.name, 9), event.at, to_char(event.at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer,
       said.voucher_id, campaign.campaign_key, member.member_key, said.price_points, said.discount,
       coalesce(said.currency, ''), coalesce(said.order_id, ''), message.message_id
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    redemption_id uuid, voucher_id uuid, campaign_id uuid, member_id uuid, price_points bigint, discount bigint,
    currency text, order_id text, issued_at timestamptz, redeemed_at timestamptz, released_at timestamptz,
    cancelled_at timestamptz)
CROSS JOIN LATERAL (
    SELECT coalesce(said.redemption_id, said.voucher_id) AS id,
           coalesce(said.issued_at, said.redeemed_at, said.released_at, said.cancelled_at) AS at) AS event
JOIN dim_campaign AS campaign ON campaign.campaign_id = said.campaign_id
JOIN dim_member AS member ON member.member_id = said.member_id
  AND member.valid_from <= event.at AND event.at < member.valid_to
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name IN (
    'voucher_issued', 'voucher_redeemed', 'voucher_released', 'voucher_cancelled')
ORDER BY event.at, event.id, message.staged_seq
ON CONFLICT DO NOTHING;
