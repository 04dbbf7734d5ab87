"""Writing what was decided: every row of any number of postings in one statement, by a function.

The functions make rows that fit: what they must be by themselves and beside each other is not looked at again by
triggers (ADR 25, ADR 28).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from points.ledger.rules.values import BUCKETS, Decided, Kind, Movement, Posted, Posting
from shared.db import Prepared, array, columns, repeated, text_array

# A single posting, by what it changes: plain values are sent and read in half the time of arrays of one.
_POST = Prepared(
    "ledger_post",
    """
SELECT ledger_post(%(at)s::timestamptz, %(account)s::bigint, %(version)s::bigint, %(id)s::uuid, %(kind)s::text,
    %(reverses)s::uuid, %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text,
    %(source_key)s::text, %(buckets)s::text[], %(changes)s::bigint[], %(opened)s::uuid[], %(opened_points)s::bigint[],
    %(opened_numbers)s::bigint[], %(opened_ends)s::timestamptz[], %(opened_days)s::date[], %(taken)s::uuid[],
    %(taken_points)s::bigint[])
""",
)
# Those that are written before their account is seen (ADR 29).
_UNSEEN = {
    Kind.EARNED: Prepared(
        "ledger_give_unseen",
        """
SELECT ledger_give_unseen(%(at)s::timestamptz, %(programme)s::uuid, %(member)s::uuid, %(id)s::uuid, %(points)s::bigint,
    %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text, %(source_key)s::text,
    %(expires_at)s::timestamptz, %(expires_on)s::date)
""",
    ),
    Kind.REDEEMED: Prepared(
        "ledger_take_unseen",
        """
SELECT ledger_take_unseen(%(at)s::timestamptz, %(programme)s::uuid, %(member)s::uuid, %(id)s::uuid, %(points)s::bigint,
    %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text, %(source_key)s::text)
""",
    ),
}
# A list of them. Entries, lots that open and points taken name their posting by its place in the list, and an entry its
# bucket by its place in `BUCKETS`, both from 1.
_COLUMNS = {
    "ids": "uuid[]", "accounts": "bigint[]", "kinds": "text[]", "balances": "bigint[]", "reverses": "uuid[]",
    "actors": "uuid[]", "occurred": "timestamptz[]", "references": "text[]", "reasons": "text[]",
    "source_keys": "text[]",
    "entry_of": "integer[]", "versions": "bigint[]", "buckets": "integer[]", "changes": "bigint[]",
    "balances_after": "bigint[]",
    "opened_of": "integer[]", "opened": "uuid[]", "opened_points": "bigint[]", "opened_numbers": "bigint[]",
    "opened_ends": "timestamptz[]", "opened_days": "date[]",
    "taken_of": "integer[]", "taken": "uuid[]", "taken_points": "bigint[]",
}  # fmt: skip
_POST_MANY = Prepared(
    "ledger_post_many",
    "SELECT ledger_post_many(%(at)s::timestamptz, "
    f"{', '.join(f'%({name})s::{kind}' for name, kind in _COLUMNS.items())})",
)
_PLACES = {bucket: place for place, bucket in enumerate(BUCKETS, start=1)}
Columns = Mapping[str, str]


def write(decided: Sequence[Decided], facts: Sequence[Posted], *, at: datetime) -> None:
    """Write the transactions, entries, lots and allocations of postings, and move their accounts."""
    if len(decided) == 1:
        _write_one(decided[0], facts[0], at)
    else:
        _write_many(decided, facts, at)


def _write_one(one: Decided, fact: Posted, at: datetime) -> None:
    posting, movement = one.posting, one.movement
    taken = _changed_lots(movement)
    _POST.later(
        {
            "at": at,
            "account": one.after.id,
            "version": one.before.version,
            "id": posting.id,
            "kind": posting.kind,
            "reverses": posting.reverses.transaction_id if posting.reverses else None,
            "actor": posting.actor_id,
            "occurred_at": fact.occurred_at,
            "reference": posting.reference,
            "reason": posting.reason,
            "source_key": posting.source_key,
            "buckets": array([bucket for bucket, _ in movement.changes]),
            "changes": array([points for _, points in movement.changes]),
            "opened": array([lot.id for lot in movement.opens]),
            "opened_points": array([lot.remaining for lot in movement.opens]),
            "opened_numbers": array([lot.number for lot in movement.opens]),
            "opened_ends": array([lot.expires_at for lot in movement.opens]),
            "opened_days": array([lot.expires_on for lot in movement.opens]),
            "taken": array([lot_id for lot_id, _ in taken]),
            "taken_points": array([points for _, points in taken]),
        }
    )


def write_unseen(posting: Posting, *, at: datetime) -> None:
    """Write a posting that `rules.unseen` decided; what the account comes to fills the blanks of the texts after it.

    What is sent next, or the commit, says that the guess is wrong (shared.postgres.blanks) where the account has not
    enough or no room, owes points that a gift would pay, was merged, has something due or is not there, and where the
    source key is known.
    """
    wish = {
        "at": at,
        "programme": posting.programme_id,
        "member": posting.member_id,
        "id": posting.id,
        "points": posting.points,
        "actor": posting.actor_id,
        "occurred_at": posting.occurred_at or at,
        "reference": posting.reference,
        "reason": posting.reason,
        "source_key": posting.source_key,
    }
    if posting.kind == Kind.EARNED:
        wish |= {"expires_at": posting.expires_at, "expires_on": posting.expires_on}
    _UNSEEN[posting.kind].later(wish)


def _changed_lots(movement: Movement) -> list[tuple[UUID, int]]:
    """Return the lots that a movement takes points from, and those that it gives some back to: with negative points."""
    takes = [(take.lot_id, take.points) for take in movement.takes]
    return takes + [(lot.id, -lot.remaining) for lot in movement.gives]


def _write_many(decided: Sequence[Decided], facts: Sequence[Posted], at: datetime) -> None:
    _POST_MANY.later(
        {"at": at, **_postings(decided, facts), **_entries(decided, facts), **_opened(decided), **_taken(decided)}
    )


def _postings(decided: Sequence[Decided], facts: Sequence[Posted]) -> Columns:
    postings = [one.posting for one in decided]
    return {
        "ids": array([posting.id for posting in postings]),
        "accounts": array([one.after.id for one in decided]),
        "kinds": array(repeated([posting.kind for posting in postings])),
        "balances": array([fact.balance_after for fact in facts]),
        "reverses": array(repeated([_reversed_by(posting) for posting in postings])),
        "actors": array(repeated([posting.actor_id for posting in postings])),
        "occurred": array(repeated([fact.occurred_at for fact in facts])),
        # These may be any texts.
        "references": text_array(repeated([posting.reference for posting in postings])),
        "reasons": text_array(repeated([posting.reason for posting in postings])),
        "source_keys": text_array(repeated([posting.source_key for posting in postings])),
    }


def _reversed_by(posting: Posting) -> UUID | None:
    return posting.reverses.transaction_id if posting.reverses else None


def _entries(decided: Sequence[Decided], facts: Sequence[Posted]) -> Columns:
    """Return the columns of entries: one for each bucket that a posting changes, numbered on from its account."""
    rows = [
        (place, one.before.version + number, _PLACES[bucket], points, balance)
        for place, (one, fact) in enumerate(zip(decided, facts, strict=True), start=1)
        for number, (bucket, points, balance) in enumerate(fact.entries, start=1)
    ]
    names = ("entry_of", "versions", "buckets", "changes", "balances_after")
    return dict(zip(names, map(array, columns(rows, 5)), strict=True))


def _opened(decided: Sequence[Decided]) -> Columns:
    rows = [
        (place, lot.id, lot.remaining, lot.number, lot.expires_at, lot.expires_on)
        for place, one in enumerate(decided, start=1)
        for lot in one.movement.opens
    ]
    places, lots, *others = columns(rows, 6)
    names = ("opened_points", "opened_numbers", "opened_ends", "opened_days")
    said = {name: array(repeated(column)) for name, column in zip(names, others, strict=True)}
    return {"opened_of": array(places), "opened": array(lots), **said}


def _taken(decided: Sequence[Decided]) -> Columns:
    rows = [
        (place, lot_id, points)
        for place, one in enumerate(decided, start=1)
        for lot_id, points in _changed_lots(one.movement)
    ]
    return dict(zip(("taken_of", "taken", "taken_points"), map(array, columns(rows, 3)), strict=True))
