"""The rows of merges: which member's points went to whom; only ever added."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from msgspec import structs

from points.ledger.models import MemberMerge
from points.ledger.rules.values import BUCKETS, Account, Key
from shared.db import array, execute, rows
from shared.lists import Either, owned


class Merge(NamedTuple):
    """A member whose points are another's now."""

    id: UUID
    from_member_id: UUID
    into_member_id: UUID
    reason: str
    merged_by: UUID
    merged_at: datetime


class Moved(NamedTuple):
    """What a merge moved in one programme: points, of them pending ones, and points that were owed."""

    programme_id: UUID
    points: int
    pending: int
    owed: int


_COLUMNS = ", ".join(Merge._fields)
_INSERT = f"INSERT INTO member_merge ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)"
# Who was merged more than once goes on to the last one.
_ALIASES = """
WITH RECURSIVE alias (member_id, now) AS (
    SELECT from_member_id, into_member_id FROM member_merge WHERE from_member_id = ANY(%s::uuid[])
    UNION ALL SELECT alias.member_id, m.into_member_id FROM alias JOIN member_merge m ON m.from_member_id = alias.now)
SELECT member_id, now FROM alias WHERE NOT EXISTS (SELECT FROM member_merge m WHERE m.from_member_id = alias.now)
"""
_MOVED = f"""
SELECT merge.id, a.programme_id, coalesce(sum(t.points) FILTER (WHERE key.part = 'points'), 0)::bigint,
    coalesce(-sum(e.points) FILTER (WHERE key.part = 'points'), 0)::bigint,
    coalesce(sum(t.points) FILTER (WHERE key.part = 'debt'), 0)::bigint
FROM unnest(%s::uuid[]) AS merge (id) CROSS JOIN programme p CROSS JOIN (VALUES ('points'), ('debt')) AS key (part)
JOIN points_transaction t ON t.source_key = 'merge:' || merge.id || ':' || p.id || ':' || key.part || ':sent'
JOIN account a ON a.id = t.account_id
LEFT JOIN entry e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.bucket = 'pending'
    AND e.version > t.version - {len(BUCKETS)} AND e.version <= t.version
GROUP BY merge.id, a.programme_id ORDER BY merge.id, a.programme_id
"""
_MOVE_PENDING = """
UPDATE pending_points p SET account_id = theirs.id FROM account was JOIN account theirs USING (programme_id)
WHERE p.account_id = was.id AND p.state = 'pending' AND was.member_id = %s AND theirs.member_id = %s
"""


def insert(merge: Merge) -> None:
    """Note a merge."""
    execute(_INSERT, merge)


def read(merge_id: UUID) -> Merge | None:
    """Return a merge."""
    found = rows(f"SELECT {_COLUMNS} FROM member_merge WHERE id = %s", [merge_id])
    return Merge(*found[0]) if found else None


def listed(member_id: UUID | None) -> QuerySet[MemberMerge] | Either[MemberMerge]:
    """Return the merges of a member into another or of others into them, or all, for lists (`-merged_at`, `-id`)."""
    found = MemberMerge.objects.all()
    if member_id is None:
        return found
    return Either(owned(found, from_member_id=member_id), owned(found, into_member_id=member_id))


def of_row(row: MemberMerge) -> Merge:
    """Return a listed merge."""
    return Merge(*(getattr(row, name) for name in Merge._fields))


def moved(*merge_ids: UUID) -> dict[UUID, list[Moved]]:
    """Return what each merge moved, by programme; those where there was nothing aside."""
    found: dict[UUID, list[Moved]] = {merge_id: [] for merge_id in merge_ids}
    for merge_id, *values in rows(_MOVED, [array(merge_ids)]):
        found[merge_id].append(Moved(*values))
    return found


# Whose points are a member's now, by any number of merges.
EARLIER_MEMBERS = """
WITH RECURSIVE old (member_id) AS (
    SELECT from_member_id FROM member_merge WHERE into_member_id = %(member)s::uuid
    UNION ALL SELECT m.from_member_id FROM old JOIN member_merge m ON m.into_member_id = old.member_id)
SELECT member_id FROM old
"""


def earlier_members(member_id: UUID) -> list[UUID]:
    """Return the members whose points are this one's now, by any number of merges."""
    return [row[0] for row in rows(EARLIER_MEMBERS, {"member": member_id})]


def aliases(member_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, for those of these members who were merged, whose their points are now."""
    return dict(rows(_ALIASES, [array(list(member_ids))]))


def as_now(accounts: dict[Key, Account]) -> dict[Key, Account]:
    """Return accounts of which those of merged members say whose the points are now: who that was first may have been
    merged since, too."""
    merged = {key: account for key, account in accounts.items() if account.merged_into}
    now = aliases([account.member_id for account in merged.values()])
    said = {key: structs.replace(one, merged_into=now[one.member_id]) for key, one in merged.items()}
    return accounts | said


def move_pending(merge: Merge) -> None:
    """Let what is pending of the merged member be the other's; the merge is noted and both accounts are locked."""
    execute(_MOVE_PENDING, [merge.from_member_id, merge.into_member_id])


def close_accounts(merge: Merge) -> None:
    """Let the merged member's accounts say whose their points are now; from then on nothing is posted to them."""
    execute("UPDATE account SET merged_into = %s WHERE member_id = %s", [merge.into_member_id, merge.from_member_id])
