"""The rows of how rules judged purchases, and of what returns took back of it; only ever added."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from points.earning.rules import Outcome, Taken
from points.ledger.queries import by_source_key
from points.purchases.rules.by_rules import later_keys
from points.purchases.rules.purchases import ByRules, Purchase
from shared.db import Prepared, array, named, rows, text_array

# Of whatever was judged, after what it is of.
COLUMNS = "member_id, timezone, known, outcome"
_INSERT = Prepared(
    "purchase_rules_insert",
    f"""
INSERT INTO purchase_rules (payment_id, {COLUMNS})
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
SELECT payment_id, {COLUMNS} FROM {named("purchase_rules", "payment_id")} found
"""


def _from_text(kind: type, value: Any) -> Any:
    """Read what JSON has no type for: an exact number, as `a/b`."""
    if kind is Fraction:
        return Fraction(value)
    raise NotImplementedError(kind)


_OUTCOME = msgspec.json.Decoder(Outcome, dec_hook=_from_text)
_TAKEN = msgspec.json.Decoder(Taken)


def outcome_json(value: object) -> str:
    """Return what is kept of how rules judged, with exact numbers as `a/b`."""
    return msgspec.json.encode(value, enc_hook=str).decode()


def insert(found: Mapping[UUID, ByRules]) -> None:
    """Write how purchases were judged, with the next statement of the transaction or its commit; one at least."""
    _INSERT.later(columns_of(found))


def columns_of(found: Mapping[UUID, ByRules]) -> dict[str, str]:
    """Return the columns of judgements, by what was judged."""
    judged = found.values()
    return {
        "ids": array(list(found)),
        "members": array([one.member_id for one in judged]),
        "timezones": text_array([one.timezone for one in judged]),
        "known": text_array([outcome_json(one.known) for one in judged]),
        "outcomes": text_array([outcome_json(one.outcome) for one in judged]),
    }


def insert_taken(found: Mapping[UUID, Taken]) -> None:
    """Write what returns took back of which rule, by the return, as `insert` does; one at least."""
    _INSERT_TAKEN.later({"ids": array(list(found)), "taken": text_array([outcome_json(one) for one in found.values()])})


def read(payment_ids: Collection[UUID]) -> dict[UUID, ByRules]:
    """Return how these purchases were judged."""
    return {payment_id: of_row(*row) for payment_id, *row in rows(_READ, {"ids": array(list(payment_ids))})}


def of_row(member_id: UUID, timezone: str, known: str, outcome: str) -> ByRules:
    """Return a judgement from its columns."""
    said = {"known": msgspec.json.decode(known), "outcome": _OUTCOME.decode(outcome)}
    return ByRules(member_id=member_id, timezone=timezone, **said)


def taken_by(refund_id: UUID) -> Taken | None:
    """Return what a return took back of which rule; None where it is of no purchase that rules judged."""
    found = rows("SELECT taken FROM return_rules WHERE refund_id = %s", [refund_id])
    return _TAKEN.decode(found[0][0]) if found else None


def with_them(found: Mapping[UUID, Purchase]) -> dict[UUID, Purchase]:
    """Return purchases with how rules judged them, and the transactions of what these gave."""
    ids = [payment_id for payment_id, purchase in found.items() if purchase.rules_version]
    judged = read(ids) if ids else {}
    known = {key: structs.replace(found[key], by_rules=by_rules) for key, by_rules in judged.items()}
    return {**found, **_with_later(known)}


def _with_later(judged: Mapping[UUID, Purchase]) -> dict[UUID, Purchase]:
    keys = {payment_id: later_keys(purchase) for payment_id, purchase in judged.items()}
    posted = by_source_key([key for those in keys.values() for key in those])
    return {
        payment_id: _and_later(purchase, [posted[key].id for key in keys[payment_id] if key in posted])
        for payment_id, purchase in judged.items()
    }


def _and_later(purchase: Purchase, later: Sequence[UUID]) -> Purchase:
    assert purchase.by_rules
    return structs.replace(purchase, by_rules=structs.replace(purchase.by_rules, later=tuple(later)))
