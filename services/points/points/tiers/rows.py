"""The rows of tiers: how members stand, what counts for them by day, and what changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from points.tiers.rules import Change, Grace, Last, Override, Span, Standing, Step, due_at
from shared import clock
from shared.db import Prepared, array, execute, rows, text_array

# Each is looked up by itself, whatever the table's size.
_STANDINGS = Prepared(
    "tier_standings",
    """
SELECT said.id, m.tier, m.floor, m.since, m.cause, m.begins, m.ends, m.counts_from, m.anchor, m.changes,
    m.is_told, m.grace_until, m.grace_tier, m.last_begins, m.last_tier, m.last_floor,
    m.override_id, m.override_tier, m.override_until
FROM (SELECT DISTINCT unnest(%(members)s::uuid[])) AS said (id) CROSS JOIN LATERAL (
    SELECT * FROM member_tier m WHERE m.programme_id = %(programme)s::uuid AND m.member_id = said.id OFFSET 0) m
""",
)
_JOINED = """
SELECT said.id, k.registered_at FROM unnest(%s::uuid[]) AS said (id) CROSS JOIN LATERAL (
    SELECT registered_at FROM known_member k WHERE k.member_id = said.id AND registered_at IS NOT NULL OFFSET 0) k
"""
_SUMS = Prepared(
    "tier_sums",
    """
SELECT said.member_id, said.first, said.last, coalesce(found.amount, 0)
FROM unnest(%(members)s::uuid[], %(firsts)s::date[], %(ends)s::date[]) AS said (member_id, first, last)
CROSS JOIN LATERAL (
    SELECT sum(amount)::bigint AS amount FROM tier_progress p WHERE p.programme_id = %(programme)s::uuid
        AND p.member_id = said.member_id AND p.day >= said.first AND p.day < said.last OFFSET 0) found
""",
)
_COUNT = Prepared(
    "tier_count",
    """
INSERT INTO tier_progress AS p (programme_id, member_id, day, amount)
SELECT %(programme)s::uuid, * FROM unnest(%(members)s::uuid[], %(days)s::date[], %(amounts)s::bigint[])
ON CONFLICT (programme_id, member_id, day) DO UPDATE SET amount = p.amount + excluded.amount
""",
)
_TAKE = Prepared(
    "tier_take",
    """
UPDATE tier_progress p SET amount = p.amount + said.amount
FROM unnest(%(members)s::uuid[], %(days)s::date[], %(amounts)s::bigint[]) AS said (member_id, day, amount)
WHERE p.programme_id = %(programme)s::uuid AND p.member_id = said.member_id AND p.day = said.day
""",
)
_STAND = Prepared(
    "tier_stand",
    """
INSERT INTO member_tier (programme_id, member_id, tier, floor, since, cause, begins, ends, ends_at, counts_from, anchor,
    changes, is_told, grace_until, grace_tier, last_begins, last_tier, last_floor, override_id,
    override_tier, override_until)
SELECT %(programme)s::uuid, * FROM unnest(%(members)s::uuid[], %(tiers)s::text[], %(floors)s::text[],
    %(since)s::timestamptz[], %(causes)s::text[], %(begins)s::date[], %(ends)s::date[], %(ends_at)s::timestamptz[],
    %(counts_from)s::date[], %(anchors)s::date[], %(changes)s::int[], %(told)s::boolean[],
    %(graces)s::date[], %(falling)s::text[], %(last)s::date[], %(judged)s::text[], %(begun)s::text[],
    %(overrides)s::uuid[], %(overriding)s::text[], %(until)s::timestamptz[])
ON CONFLICT (programme_id, member_id) DO UPDATE SET tier = excluded.tier, floor = excluded.floor,
    since = excluded.since, cause = excluded.cause, begins = excluded.begins, ends = excluded.ends,
    ends_at = excluded.ends_at, counts_from = excluded.counts_from, changes = excluded.changes,
    is_told = excluded.is_told, grace_until = excluded.grace_until, grace_tier = excluded.grace_tier,
    last_begins = excluded.last_begins, last_tier = excluded.last_tier, last_floor = excluded.last_floor,
    override_id = excluded.override_id, override_tier = excluded.override_tier, override_until = excluded.override_until
""",
)
# Each is a part of the day's totals, too: who came from which tier to which, and when, in 32 bits.
_CHANGE = Prepared(
    "tier_change",
    """
WITH changed AS (
    INSERT INTO tier_change (programme_id, member_id, number, before, after, changed_at, cause, reference)
    SELECT %(programme)s::uuid, * FROM unnest(%(members)s::uuid[], %(numbers)s::int[], %(before)s::text[],
        %(after)s::text[], %(at)s::timestamptz[], %(causes)s::text[], %(references)s::uuid[])
    RETURNING *)
INSERT INTO day_part (day, ledger, unit, kind, count, total)
SELECT (%(posted_at)s::timestamptz AT TIME ZONE 'UTC')::date, 'tier_changes', programme_id::text, cause, count(*),
    sum(('x' || left(encode(sha256(convert_to(member_id || ' ' || number || ' ' || coalesce(before, '') || ' '
        || coalesce(after, '') || ' ' || (extract(epoch FROM changed_at) * 1000000)::bigint, 'UTF8')), 'hex'),
        8))::bit(32)::bigint)
FROM changed GROUP BY programme_id, cause
""",
)
_GIVE = """
INSERT INTO tier_progress AS p (programme_id, member_id, day, amount)
SELECT programme_id, %(new)s::uuid, day, amount FROM tier_progress
WHERE programme_id = %(programme)s::uuid AND member_id = %(old)s::uuid
ON CONFLICT (programme_id, member_id, day) DO UPDATE SET amount = p.amount + excluded.amount
"""


class Moved(NamedTuple):
    """How a member stands now, and what changed, the last change being the standing's newest."""

    member_id: UUID
    standing: Standing
    changes: Sequence[Change]


def standings(programme_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Return how members stand; of whom nothing was counted is absent."""
    found = _STANDINGS.rows({"programme": programme_id, "members": array(list(member_ids))})
    return {row[0]: _standing(*row[1:]) for row in found}


def _standing(*row: Any) -> Standing:
    tier, floor, since, cause, begins, ends, counts_from, anchor, changes, is_told, until, falling, *more = row
    last_begins, last_tier, last_floor, *override = more
    said: dict[str, Any] = {"tier": tier, "floor": floor, "since": since, "cause": cause, "is_told": is_told}
    said["grace"] = Grace(until, falling) if until else None
    said["last"] = Last(Span(last_begins, begins), last_tier, last_floor) if last_begins else None
    said["override"] = Override(*override) if override[0] else None
    return Standing(**said, period=Span(begins, ends), counts_from=counts_from, anchor=anchor, changes=changes)


def joined(member_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when members registered; those who never did are absent."""
    return dict(rows(_JOINED, [array(list(member_ids))])) if member_ids else {}


def sums(programme_id: UUID, wanted: Mapping[UUID, Collection[Span]]) -> dict[UUID, dict[Span, int]]:
    """Return how much progress members have in spans of days, in one statement at most."""
    if not (asked := [(member_id, *span) for member_id, spans in wanted.items() for span in spans]):
        return {}
    members, firsts, ends = zip(*asked, strict=True)
    parameters = {"programme": programme_id, "members": array(members), "firsts": array(firsts), "ends": array(ends)}
    found: dict[UUID, dict[Span, int]] = {member_id: {} for member_id in wanted}
    for member_id, first, end, amount in _SUMS.rows(parameters):
        found[member_id][Span(first, end)] = amount
    return found


def count(programme_id: UUID, steps: Iterable[tuple[UUID, Step]]) -> None:
    """Let days of members count more or less; those that are to count less are there."""
    together: dict[tuple[UUID, date], int] = {}
    for member_id, step in steps:
        together[member_id, step.day] = together.get((member_id, step.day), 0) + step.amount
    for statement, sign in ((_COUNT, 1), (_TAKE, -1)):
        said = sorted((*key, amount) for key, amount in together.items() if amount * sign > 0)
        if said:
            members, days, amounts = zip(*said, strict=True)
            columns = {"members": array(members), "days": array(days), "amounts": array(amounts)}
            statement.later({"programme": programme_id, **columns})


def write(programme_id: UUID, moved: Sequence[Moved], *, timezone: str, at: datetime) -> None:
    """Write how members stand, and what changed, for the day of an instant."""
    if not moved:
        return
    found = sorted(moved, key=lambda one: one.member_id)
    stand = [one.standing for one in found]
    _STAND.later(
        {
            "programme": programme_id,
            "members": array([one.member_id for one in found]),
            "tiers": text_array([one.tier for one in stand]),
            "floors": text_array([one.floor for one in stand]),
            "since": array([clock.iso(one.since) if one.since else None for one in stand]),
            "causes": text_array([one.cause for one in stand]),
            "begins": array([one.period.first for one in stand]),
            "ends": array([one.period.end for one in stand]),
            "ends_at": array([clock.iso(due_at(one, timezone)) for one in stand]),
            "counts_from": array([one.counts_from for one in stand]),
            "anchors": array([one.anchor for one in stand]),
            "changes": array([one.changes for one in stand]),
            "told": array([one.is_told for one in stand]),
            "graces": array([one.grace.until if one.grace else None for one in stand]),
            "falling": text_array([one.grace.tier if one.grace else None for one in stand]),
            "last": array([one.last.over.first if one.last else None for one in stand]),
            "judged": text_array([one.last.tier if one.last else None for one in stand]),
            "begun": text_array([one.last.floor if one.last else None for one in stand]),
            **_overrides([one.override for one in stand]),
        },
    )
    _insert_changes(programme_id, numbered(found), at=at)


def _overrides(found: Sequence[Override | None]) -> dict[str, Any]:
    return {
        "overrides": array([one.id if one else None for one in found]),
        "overriding": text_array([one.tier if one else None for one in found]),
        "until": array([clock.iso(one.until) if one and one.until else None for one in found]),
    }


def numbered(moved: Sequence[Moved]) -> list[tuple[UUID, int, Change]]:
    """Return what changed with whose it is and its number."""
    return [
        (one.member_id, one.standing.changes - len(one.changes) + place, change)
        for one in moved
        for place, change in enumerate(one.changes, start=1)
    ]


def _insert_changes(programme_id: UUID, found: Sequence[tuple[UUID, int, Change]], *, at: datetime) -> None:
    if not found:
        return
    members, numbers, changes = zip(*found, strict=True)
    _CHANGE.later(
        {
            "programme": programme_id,
            "members": array(members),
            "numbers": array(numbers),
            "before": text_array([change.before for change in changes]),
            "after": text_array([change.after for change in changes]),
            "at": array([clock.iso(change.at) for change in changes]),
            "causes": text_array([str(change.cause) for change in changes]),
            "references": array([change.reference for change in changes]),
            "posted_at": at,
        },
    )


def give_days(programme_id: UUID, old: UUID, new: UUID) -> None:
    """Let all days of a member count for another."""
    execute(_GIVE, {"programme": programme_id, "old": old, "new": new})
    execute("DELETE FROM tier_progress WHERE programme_id = %s AND member_id = %s", [programme_id, old])


def forget(programme_id: UUID, member_id: UUID) -> None:
    """Let a member stand nowhere, for whom nothing counts any more; what changed is kept."""
    execute("DELETE FROM member_tier WHERE programme_id = %s AND member_id = %s", [programme_id, member_id])
