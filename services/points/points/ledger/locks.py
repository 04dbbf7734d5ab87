"""The row locks of the ledger, and the order of all locks of the service.

Always in this order: purchases by payment (`purchases.locks`), one adjustment (`adjustments.locks`), members whose
uses of rules are counted (`earning.counters`), events by what is unique of them (`events.rows`), orders that earn, days
of persons, merges; an expiry run and the right to expire lots (`expiry.locks`); accounts by number (`posting.load`);
counters of rules in their order.

A hold and pending points have no lock of their own: it is that of their account.
"""

from collections.abc import Collection
from uuid import UUID

from points.ledger import holds
from points.ledger.posting.load import accounts_of, of_keys
from points.ledger.posting.statements import ACCOUNT_COLUMNS, LOCK, MAKE_MISSING
from points.ledger.rules.values import Account, Hold, Key
from shared.db import array, execute, rows

_LOCK_OF_HOLD = "SELECT FROM account WHERE id = (SELECT account_id FROM hold WHERE id = %s) FOR NO KEY UPDATE"


def lock_hold(hold_id: UUID) -> Hold | None:
    """Lock a hold by its account, as whoever closes it does, and read it."""
    if not rows(_LOCK_OF_HOLD, [hold_id]):
        return None
    return holds.read(named=[hold_id])[0]


# In every programme, so that nobody opens an account of the merged member later; and in the order of `_MAKE_MISSING`.
_MAKE_ALL = """
INSERT INTO account (programme_id, member_id)
SELECT p.id, m.id FROM programme p CROSS JOIN unnest(%(members)s::uuid[]) AS m (id)
WHERE NOT EXISTS (SELECT FROM account a WHERE a.member_id = m.id AND a.programme_id = p.id)
ORDER BY m.id, p.id ON CONFLICT DO NOTHING;
"""
_OF_MEMBERS = "FROM account a WHERE a.member_id = ANY(%(members)s::uuid[]) ORDER BY a.id"
_LOCK_MEMBERS = f"SELECT a.id {_OF_MEMBERS} FOR NO KEY UPDATE;"


def lock_merges() -> None:
    """Let one merge run after the other: so none waits in a ring, and none goes into who is being merged."""
    # No lock of the table: that takes rights which nobody has on what is append-only.
    execute("SELECT pg_advisory_xact_lock(hashtext('points.merges'))")


def share_merges() -> None:
    """Let no merge run until the transaction ends; others who ask for the same do not wait."""
    execute("SELECT pg_advisory_xact_lock_shared(hashtext('points.merges'))")


def lock_members(member_ids: Collection[UUID]) -> dict[Key, Account]:
    """Lock all accounts of members, one in each programme, in the order of numbers; return them without their lots."""
    parameters = {"members": array(list(member_ids))}
    return accounts_of(rows(f"{_MAKE_ALL}{_LOCK_MEMBERS}SELECT {ACCOUNT_COLUMNS} {_OF_MEMBERS}", parameters))


def lock_keys(keys: Collection[Key]) -> None:
    """Lock accounts, in the order of numbers; those that are missing are made, as whoever gives them points does."""
    rows(f"{MAKE_MISSING};{LOCK}", of_keys(keys))


def lock_in_programme(programme_id: UUID, member_ids: Collection[UUID]) -> None:
    """Lock the accounts of members in one programme, those that are there, in the order of numbers."""
    rows(LOCK, of_keys([(programme_id, member_id) for member_id in member_ids]))


def lock_account(*, programme_id: UUID, member_id: UUID) -> None:
    """Lock one account, where it is there: whoever undoes a redemption, or lets it pay for a purchase, does."""
    execute(
        "SELECT FROM account WHERE programme_id = %s AND member_id = %s FOR NO KEY UPDATE", [programme_id, member_id]
    )
