"""The rows of occasions; only ever added."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from points.earning.rules import Outcome, Trigger
from points.earning.rules.postings import stored
from points.occasions.rules import Earned, Occasion
from points.purchases.rows.judgements import outcome_json, outcome_of
from shared import clock
from shared.db import array, execute, rows, text_array

_INSERT = """
INSERT INTO occasion (id, member_id, programme_id, trigger, key, occurred_at, rules_version, timezone, known, outcome,
    points, transaction_id, no_points_reason)
SELECT id, member_id, %(programme)s, trigger, key, occurred_at, rules_version, timezone, known, outcome,
    CASE WHEN transaction_id IS NULL THEN 0 ELSE points END, transaction_id, no_points_reason
FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(triggers)s::text[], %(keys)s::text[], %(at)s::timestamptz[],
    %(versions)s::int[], %(timezones)s::text[], %(known)s::jsonb[], %(outcomes)s::jsonb[], %(points)s::bigint[],
    %(transactions)s::uuid[], %(reasons)s::text[])
    AS said (id, member_id, trigger, key, occurred_at, rules_version, timezone, known, outcome, points, transaction_id,
        no_points_reason)
"""
_OF_TRANSACTION = """
SELECT programme_id, member_id, trigger, key, occurred_at, rules_version, timezone, known, outcome FROM occasion
WHERE transaction_id = %s
"""


class Kept(NamedTuple):
    """An occasion as it was judged once for ever."""

    programme_id: UUID
    occasion: Occasion
    version: int
    timezone: str
    outcome: Outcome


def insert(programme_id: UUID, earned: Sequence[Earned]) -> None:
    """Note what occasions earned."""
    judged = [one.judged for one in earned]
    found = [one.occasion for one in judged]
    execute(
        _INSERT,
        {
            "programme": programme_id,
            "ids": array([one.id for one in earned]),
            "members": array([one.member_id for one in found]),
            "triggers": text_array([str(one.trigger) for one in found]),
            "keys": text_array([one.key for one in found]),
            "at": array([clock.iso(one.occurred_at) for one in found]),
            "versions": array([one.version for one in judged]),
            "timezones": text_array([one.timezone for one in judged]),
            "known": text_array([outcome_json(one.known) for one in judged]),
            "outcomes": text_array([outcome_json(stored(one.outcome)) for one in judged]),
            "points": array([one.outcome.points for one in judged]),
            "transactions": text_array([str(one.transaction_id) if one.transaction_id else None for one in earned]),
            "reasons": text_array([one.no_points_reason for one in earned]),
        },
    )


def of_transaction(transaction_id: UUID) -> Kept | None:
    """Return the occasion of a transaction, with all that rules were told as what it says; None where it is of none."""
    found = rows(_OF_TRANSACTION, [transaction_id])
    if not found:
        return None
    ((programme_id, member_id, trigger, key, occurred_at, version, timezone, known, outcome),) = found
    said = {"trigger": Trigger(trigger), "member_id": member_id, "occurred_at": occurred_at, "key": key}
    occasion = Occasion(**said, values=msgspec.json.decode(known))
    return Kept(programme_id, occasion, version, timezone, outcome_of(outcome))
