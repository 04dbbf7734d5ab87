-- Tiers as each version of what a programme says of them has them, which never changes: said again, or late, it is the same.
INSERT INTO dim_tier (programme_id, version, code, name, level, enter, stay, metric, event, field, valid_from, changed_by)
SELECT DISTINCT ON (said.programme_id, said.version, tier.code) said.programme_id, said.version, tier.code, tier.name,
       one.level, tier.enter, tier.stay, said.metric, said.event, said.field, said.changed_at, said.changed_by
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    programme_id uuid, version integer, metric text, event text, field text, tiers jsonb, changed_at timestamptz,
    changed_by uuid)
CROSS JOIN LATERAL jsonb_array_elements(said.tiers) WITH ORDINALITY AS one (said, level)
CROSS JOIN LATERAL jsonb_to_record(one.said) AS tier (code text, name text, enter bigint, stay bigint)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'tiers_changed'
ORDER BY said.programme_id, said.version, tier.code, message.staged_seq
ON CONFLICT DO NOTHING;
