"""An earning or a redemption that is written before its account is read: what it changes is the same in nearly all
accounts, so that lock, writes, message and commit are one message to the server (ADR 29).

The transaction has placeholders (shared.postgres.render) for what the account comes to and for the lots that pay. Where
the account has to be read first, the server says so, and whoever opened the attempt runs it again.
"""

from datetime import datetime

from points.ledger.rules.values import COUNTERS, Change, Kind, Posted, Posting, Take
from shared.db import Prepared
from shared.postgres.render import NUMBERS, ROWS

_POST = Prepared(
    "ledger_optimistic",
    """
SELECT ledger_optimistic(%(at)s::timestamptz, %(programme)s::uuid, %(member)s::uuid, %(id)s::uuid, %(kind)s::text,
    %(points)s::bigint, %(actor)s::uuid, %(occurred_at)s::timestamptz, %(reference)s::text, %(reason)s::text,
    %(source_key)s::text, %(expires_at)s::timestamptz, %(expires_on)s::date)
""",
)


def is_eligible(posting: Posting) -> bool:
    """Tell whether a posting only gives points that can be spent at once, or only takes those that end first."""
    if posting.slides_to or posting.lots:
        return False
    if posting.kind == Kind.EARNED:
        return posting.activates is None
    return posting.kind == Kind.REDEEMED and posting.hold is None


def assumed(posting: Posting, *, at: datetime) -> Posted:
    """Return the transaction that a posting becomes in an account that has what it takes, and owes nothing of what it
    gives; with placeholders for balances and for lots that pay."""
    gives = posting.kind == Kind.EARNED
    change = posting.points if gives else -posting.points
    available, counter = NUMBERS
    return Posted(
        id=posting.id,
        kind=posting.kind,
        programme_id=posting.programme_id,
        member_id=posting.member_id,
        points=posting.points,
        change=change,
        balance_after=available,
        reference=posting.reference,
        reason=posting.reason,
        occurred_at=posting.occurred_at or at,
        posted_at=at,
        entries=(Change("available", change, available), Change(COUNTERS[posting.kind], -change, counter)),
        lots=(Take(posting.id, change, posting.expires_at, posting.expires_on),) if gives else ROWS,
    )


def write(posting: Posting, *, at: datetime) -> None:
    """Write the transaction that `assumed` returns; the server renders the placeholders of the texts after it.

    What is sent next, or the commit, is an optimistic conflict where the account has not enough or no room, owes points
    that an earning would pay, was merged, has something due or is not there, and where the source key is known.
    """
    _POST.later(
        {
            "at": at,
            "programme": posting.programme_id,
            "member": posting.member_id,
            "id": posting.id,
            "kind": posting.kind,
            "points": posting.points,
            "actor": posting.actor_id,
            "occurred_at": posting.occurred_at or at,
            "reference": posting.reference,
            "reason": posting.reason,
            "source_key": posting.source_key,
            "expires_at": posting.expires_at,
            "expires_on": posting.expires_on,
        }
    )
