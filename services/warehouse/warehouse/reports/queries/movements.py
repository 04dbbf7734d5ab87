"""What the reports of payments and points read, and how fresh it is."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shared.db import rows
from shared.zones import ZoneInfo
from warehouse.reports.queries.periods import as_of, by_period
from warehouse.reports.rules import Periods
from warehouse.reports.tables import Table

# Totals by quarters of an hour (MovementTotal): each day of each time zone since 2000 begins with one.
_PAYMENT_VOLUME = """
SELECT width_bucket(slot, %(starts)s::timestamptz[]), unit,
       coalesce(sum(count) FILTER (WHERE kind = 'captured'), 0),
       coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0),
       coalesce(sum(count) FILTER (WHERE kind = 'refunded'), 0),
       coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0),
       coalesce(sum(CASE kind WHEN 'captured' THEN amount WHEN 'refunded' THEN -amount END), 0),
       coalesce(sum(count) FILTER (WHERE kind = 'failed'), 0), coalesce(sum(amount) FILTER (WHERE kind = 'failed'), 0)
FROM movement_total
WHERE ledger = 'payments' AND slot >= %(since)s AND slot < %(until)s
  AND about = CASE WHEN %(merchant_id)s::uuid IS NULL THEN 0
                   ELSE (SELECT merchant_key FROM dim_merchant WHERE merchant_id = %(merchant_id)s::uuid) END
GROUP BY 1, 2 HAVING sum(count) <> 0 ORDER BY 1, 2
"""
_POINTS_FLOW = """
SELECT flow.bucket, programme_id, programme.name, earned, redeemed, expired, returned, restored, adjusted, sent,
       received, activated, reinstated, net, transactions
FROM dim_programme AS programme
CROSS JOIN LATERAL (
    SELECT width_bucket(slot, %(starts)s::timestamptz[]) AS bucket,
           coalesce(sum(amount) FILTER (WHERE kind = 'earned'), 0) AS earned,
           coalesce(-sum(amount) FILTER (WHERE kind = 'redeemed'), 0) AS redeemed,
           coalesce(-sum(amount) FILTER (WHERE kind = 'expired'), 0) AS expired,
           coalesce(-sum(amount) FILTER (WHERE kind = 'returned'), 0) AS returned,
           coalesce(sum(amount) FILTER (WHERE kind = 'restored'), 0) AS restored,
           coalesce(sum(amount) FILTER (WHERE kind = 'adjusted'), 0) AS adjusted,
           coalesce(-sum(amount) FILTER (WHERE kind = 'sent'), 0) AS sent,
           coalesce(sum(amount) FILTER (WHERE kind = 'received'), 0) AS received,
           coalesce(sum(amount) FILTER (WHERE kind = 'activated'), 0) AS activated,
           coalesce(sum(amount) FILTER (WHERE kind = 'reinstated'), 0) AS reinstated,
           sum(amount) AS net, sum(count) AS transactions
    FROM movement_total
    WHERE ledger = 'points' AND about = programme.programme_key AND slot >= %(since)s AND slot < %(until)s
    GROUP BY 1 HAVING sum(count) <> 0) AS flow
WHERE %(programme)s::uuid IS NULL OR programme_id = %(programme)s::uuid
ORDER BY flow.bucket, programme_id
"""
# Points are given when they are earned, at once or pending; what a fraction of a minor unit costs is left out.
_POINTS_OF_RULES = """
SELECT programme.programme_id, programme.name, rule.rule_id, rule.version, rule.name, rule.trigger, rule.effect,
       total.given::bigint, total.taken_back::bigint, (total.given - total.taken_back)::bigint,
       div((total.given - total.taken_back) * programme.value_amount, nullif(programme.value_points, 0))::bigint,
       programme.currency, total.transactions::bigint
FROM unnest(%(programmes)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS span (
    programme_key, since, until)
CROSS JOIN LATERAL (SELECT * FROM dim_programme WHERE programme_key = span.programme_key OFFSET 0) AS programme
"""
_GIVEN = """
coalesce(sum(amount) FILTER (WHERE kind NOT IN ('returned', 'adjusted')), 0) AS given,
coalesce(sum(amount) FILTER (WHERE kind IN ('returned', 'adjusted')), 0) AS taken_back,
coalesce(sum(count) FILTER (WHERE kind NOT IN ('returned', 'adjusted')), 0) AS transactions
"""
_OF_ALL_MERCHANTS = f"""
{_POINTS_OF_RULES}
CROSS JOIN LATERAL (SELECT * FROM dim_rule WHERE programme_id = programme.programme_id OFFSET 0) AS rule
CROSS JOIN LATERAL (
    SELECT {_GIVEN} FROM (SELECT * FROM movement_total WHERE ledger = 'rules' AND about = rule.rule_key
                            AND slot >= span.since AND slot < span.until OFFSET 0) AS one
    HAVING sum(count) <> 0) AS total
ORDER BY programme.programme_id, rule.rule_id, rule.version
"""
_OF_A_MERCHANT = f"""
{_POINTS_OF_RULES}
CROSS JOIN LATERAL (
    SELECT unit::bigint AS rule_key, {_GIVEN}
    FROM (SELECT * FROM movement_total WHERE ledger = 'merchant_rules'
            AND about = (SELECT merchant_key FROM dim_merchant WHERE merchant_id = %(merchant_id)s::uuid)
            AND slot >= span.since AND slot < span.until OFFSET 0) AS one
    GROUP BY unit HAVING sum(count) <> 0) AS total
CROSS JOIN LATERAL (SELECT * FROM dim_rule WHERE rule_key = total.rule_key OFFSET 0) AS rule
WHERE rule.programme_id = programme.programme_id
ORDER BY programme.programme_id, rule.rule_id, rule.version
"""
_PROGRAMMES = """
SELECT programme_key, timezone FROM dim_programme
WHERE %(programme)s::uuid IS NULL OR programme_id = %(programme)s::uuid ORDER BY programme_key
"""
_FRESHNESS = """
WITH RECURSIVE kind (name) AS (
    (SELECT name FROM staging_message ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT name FROM staging_message WHERE name > kind.name ORDER BY name LIMIT 1) FROM kind
    WHERE kind.name IS NOT NULL)
SELECT kind.name, last.occurred_at, last.staged_at, lately.count, lately.p50, lately.p95
FROM kind
CROSS JOIN LATERAL (SELECT occurred_at, staged_at FROM staging_message AS message
                    WHERE message.name = kind.name ORDER BY message.staged_at DESC LIMIT 1) AS last
CROSS JOIN LATERAL (
    SELECT count(*), (percentile_cont(0.5) WITHIN GROUP (ORDER BY delay_ms))::bigint AS p50,
           (percentile_cont(0.95) WITHIN GROUP (ORDER BY delay_ms))::bigint AS p95
    FROM (SELECT delay_ms FROM staging_message AS message
          WHERE message.name = kind.name AND message.staged_at > %(lately)s
          ORDER BY message.staged_at DESC LIMIT %(most)s) AS recent) AS lately
ORDER BY kind.name
"""
# As many as there are soon of each kind: the report costs the same from then on.
MOST_RECENT = 100


def payment_volume(periods: Periods, *, merchant_id: UUID | None = None) -> Table:
    """Sum what was captured, refunded and refused, by period and currency; minor units."""
    columns = (
        "period currency captured_count captured_amount refunded_count refunded_amount net_amount"
        " failed_count failed_amount"
    )
    return by_period(_PAYMENT_VOLUME, periods, columns, merchant_id=merchant_id)


def points_flow(periods: Periods, *, programme: UUID | None = None) -> Table:
    """Sum what was earned, redeemed, expired, returned, restored, adjusted, sent … and reinstated, by period.

    `net` is the change of all points, available or held: earned − redeemed − expired − returned + restored + adjusted
    − sent + received + activated + reinstated.
    """
    kinds = "earned redeemed expired returned restored adjusted sent received activated reinstated"
    columns = f"period programme_id programme {kinds} net transactions"
    return by_period(_POINTS_FLOW, periods, columns, programme=programme)


def programmes_with_zones(programme: UUID | None) -> list[tuple[int, ZoneInfo]]:
    """Return the keys of all programmes, or of one, with their time zones; UTC where none was said yet."""
    return [(key, ZoneInfo(zone or "UTC")) for key, zone in rows(_PROGRAMMES, {"programme": programme})]


def points_of_rules(spans: Mapping[int, Periods], *, merchant_id: UUID | None = None) -> Table:
    """Sum what each rule gave and what was taken back of it, in each programme over its own span.

    `cost` is what the points are worth in minor units, as the programme values a point now; null where it does not.
    """
    newest = as_of()
    columns = (
        "programme_id programme rule_id version rule trigger effect given taken_back points cost currency transactions"
    )
    window = {
        "programmes": list(spans),
        "since": [span.since for span in spans.values()],
        "until": [span.until for span in spans.values()],
    }
    sql = _OF_A_MERCHANT if merchant_id else _OF_ALL_MERCHANTS
    return Table(newest, tuple(columns.split()), rows(sql, window | {"merchant_id": merchant_id}))


def freshness(*, lately: datetime) -> Table:
    """Tell for each kind of message when the last came and how long those since `lately` took, in milliseconds.

    The delay is from the change in its service to our staging, by the machine's clock; at most the latest 100 of a kind
    count.
    """
    newest = as_of()
    columns = ("kind", "last_occurred_at", "last_staged_at", "recent_messages", "recent_p50_ms", "recent_p95_ms")
    return Table(newest, columns, rows(_FRESHNESS, {"lately": lately, "most": MOST_RECENT}))
