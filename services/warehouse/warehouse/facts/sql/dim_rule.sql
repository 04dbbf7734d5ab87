-- Rules as they were last said to be, by version; those that only a fact has named so far are inferred.
INSERT INTO dim_rule (programme_id, rule_id, version, name, trigger, effect, starts_at, ends_at, changed_at, is_inferred)
SELECT DISTINCT ON (said.programme_id, rule.id, said.version) said.programme_id, rule.id, said.version, rule.name,
       coalesce(rule.trigger, ''), coalesce(rule.effect, ''), said.starts_at, said.ends_at, said.changed_at, false
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    programme_id uuid, version integer, starts_at timestamptz, ends_at timestamptz, rules jsonb, changed_at timestamptz)
CROSS JOIN LATERAL jsonb_to_recordset(said.rules) AS rule (id text, name text, trigger text, effect text)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'rule_changed'
ORDER BY said.programme_id, rule.id, said.version, said.changed_at DESC, message.staged_seq DESC
ON CONFLICT (programme_id, rule_id, version) DO UPDATE
SET name = excluded.name, trigger = excluded.trigger, effect = excluded.effect, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, changed_at = excluded.changed_at, is_inferred = false
WHERE dim_rule.is_inferred OR dim_rule.changed_at <= excluded.changed_at;

INSERT INTO dim_rule (programme_id, rule_id, version, name, trigger, effect, is_inferred)
SELECT DISTINCT named.programme_id, rule.id, rule.version, '', '', '', true
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS named (programme_id uuid, rules jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(named.rules) AS rule (id text, version integer)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1
  AND message.name IN ('points_earned', 'points_pending', 'points_returned', 'points_adjusted')
  AND NOT EXISTS (SELECT FROM dim_rule AS known
                  WHERE known.programme_id = named.programme_id AND known.rule_id = rule.id
                    AND known.version = rule.version)
ORDER BY named.programme_id, rule.id, rule.version
ON CONFLICT DO NOTHING;
