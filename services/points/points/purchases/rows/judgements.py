"""The rows of how rules judged purchases, and of what returns took back of it; only ever added."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec

from points.earning.rules import Outcome, Taken
from points.purchases.rules.purchases import ByRules
from shared.db import Prepared, array, named, rows, text_array

_INSERT = Prepared(
    "purchase_rules_insert",
    """
INSERT INTO purchase_rules (payment_id, member_id, timezone, known, outcome)
SELECT * FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(timezones)s::text[], %(known)s::jsonb[],
    %(outcomes)s::jsonb[])
""",
)
_INSERT_TAKEN = Prepared(
    "return_rules_insert",
    """
INSERT INTO return_rules (refund_id, taken) SELECT * FROM unnest(%(ids)s::uuid[], %(taken)s::jsonb[])
""",
)
_READ = f"""
SELECT payment_id, member_id, timezone, known, outcome FROM {named("purchase_rules", "payment_id")} found
"""


def _from_text(kind: type, value: Any) -> Any:
    """Read what JSON has no type for: an exact number, as `a/b`."""
    if kind is Fraction:
        return Fraction(value)
    raise NotImplementedError(kind)


_OUTCOME = msgspec.json.Decoder(Outcome, dec_hook=_from_text)


def outcome_of(text: str) -> Outcome:
    """Return an outcome as it was kept."""
    return _OUTCOME.decode(text)


def outcome_json(value: object) -> str:
    """Return what is kept of how rules judged, with exact numbers as `a/b`."""
    return msgspec.json.encode(value, enc_hook=str).decode()


def insert(found: Mapping[UUID, ByRules]) -> None:
    """Write how purchases were judged, with the next statement of the transaction or its commit; one at least."""
    judged = found.values()
    _INSERT.later(
        {
            "ids": array(list(found)),
            "members": array([one.member_id for one in judged]),
            "timezones": text_array([one.timezone for one in judged]),
            "known": text_array([outcome_json(one.known) for one in judged]),
            "outcomes": text_array([outcome_json(one.outcome) for one in judged]),
        }
    )


def insert_taken(found: Mapping[UUID, Taken]) -> None:
    """Write what returns took back of which rule, by the return, as `insert` does; one at least."""
    _INSERT_TAKEN.later({"ids": array(list(found)), "taken": text_array([outcome_json(one) for one in found.values()])})


def read(payment_ids: Collection[UUID]) -> dict[UUID, ByRules]:
    """Return how these purchases were judged."""
    return {
        payment_id: ByRules(
            member_id=member_id,
            timezone=timezone,
            known=msgspec.json.decode(known),
            outcome=outcome_of(outcome),
        )
        for payment_id, member_id, timezone, known, outcome in rows(_READ, {"ids": array(list(payment_ids))})
    }
