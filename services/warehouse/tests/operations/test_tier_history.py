"""The tier history of members is what points says of changes, in whatever order and however often it is said."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.tiers import TierChanged
from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.fillings import at_any_size
from shared.testing.messages import deliver, envelope_of
from shared.testing.reads import rows_read
from tests import factories as a
from warehouse.facts.models import DimMemberTier
from warehouse.facts.operations import rebuild_facts

pytestmark = pytest.mark.django_db
OTHER = UUID("00000000-0000-7000-8000-000000000002")
DAY = timedelta(days=1)
OF_TOTALS = """
SELECT ledger, unit, about, kind, sum(count)::bigint, sum(amount)::bigint FROM movement_total
WHERE ledger LIKE 'tier%%' GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0 ORDER BY 1, 2, 3, 4
"""
OF_FACTS = """
SELECT ledger, unit || '>' || coalesce(version::text, ''), programme_key, kind, count(*), 0::bigint
FROM fact_tier_change
CROSS JOIN (VALUES ('tiers'), ('tier_months')) AS of (ledger)
CROSS JOIN LATERAL (
    SELECT coalesce(before, '') || '>' || coalesce(after, ''), cause
    UNION ALL SELECT '>' || before, 'began' WHERE number = 1 AND before IS NOT NULL) AS said (unit, kind)
GROUP BY 1, 2, 3, 4
UNION ALL SELECT 'tier_changes', '', programme_key, cause, count(*),
    sum(tier_change_digest(member_id, number, before, after, changed_at))::bigint
FROM fact_tier_change WHERE posted_at IS NOT NULL GROUP BY 3, 4 ORDER BY 1, 2, 3, 4
"""
Version = tuple[int, str | None, datetime, datetime | None, str, UUID | None]


def story(*tiers: str | None, who: UUID = a.MEMBER) -> list[TierChanged]:
    """Return what is said of a member who comes from the first of these tiers to each of the others, a day apart."""
    return [
        a.tier_changed(member_id=who, number=number, before=before, after=after, changed_at=a.NOON + number * DAY)
        for number, (before, after) in enumerate(pairwise(tiers), start=1)
    ]


def history(who: UUID = a.MEMBER, programme: UUID = a.PROGRAMME) -> list[Version]:
    found = DimMemberTier.objects.filter(programme_id=programme, member_id=who).order_by("number")
    return list(found.values_list("number", "tier", "valid_from", "valid_to", "cause", "reference"))


def as_said(changes: Sequence[TierChanged]) -> list[Version]:
    ends = [*(one.changed_at for one in changes[1:]), None]
    return [
        (one.number, one.after, one.changed_at, end, one.cause, one.reference)
        for one, end in zip(changes, ends, strict=True)
    ]


def in_packs(messages: Sequence[Any], random: Random) -> Iterator[Sequence[Any]]:
    while messages:
        size = random.randint(1, 4)
        yield messages[:size]
        messages = messages[size:]


def test_each_change_is_a_version_until_the_next() -> None:
    purchase = new_id()
    changes = story(None, "silver", "gold", None)
    changes[1] = a.tier_changed(number=2, before="silver", after="gold", changed_at=a.NOON + DAY, reference=purchase)

    deliver(*changes)

    assert history() == [
        (1, "silver", a.NOON + DAY, a.NOON + DAY, "earned", None),
        (2, "gold", a.NOON + DAY, a.NOON + 3 * DAY, "earned", purchase),
        (3, None, a.NOON + 3 * DAY, None, "earned", None),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_no_order_and_no_repetition_makes_another_history(seed: int) -> None:
    random = Random(seed)
    mine, others = story(None, *("silver", "gold") * 4, None), story("base", "silver", "base", who=OTHER)
    said = [envelope_of(one) for one in (*mine, *others)]
    # The same message again, and the same change in another message.
    said += random.sample(said, 4) + [envelope_of(one) for one in random.sample([*mine, *others], 4)]
    random.shuffle(said)

    for pack in in_packs(said, random):
        deliver(*pack)

    assert (history(), history(OTHER)) == (as_said(mine), as_said(others))
    assert rows(OF_TOTALS) == rows(OF_FACTS)


def test_what_has_not_come_yet_ends_no_version_wrongly() -> None:
    first, _, third = changes = story(None, "silver", "gold", "silver")

    deliver(third, first)
    assert [row[:4] for row in history()] == [
        (1, "silver", first.changed_at, third.changed_at),
        (3, "silver", third.changed_at, None),
    ]
    deliver(*changes)
    assert history() == as_said(changes)


def test_programmes_have_histories_of_their_own() -> None:
    deliver(a.tier_changed(), a.tier_changed(programme_id=a.OTHER_PROGRAMME, after="ruby"))

    assert [row[1] for row in history()] == ["silver"]
    assert [row[1] for row in history(programme=a.OTHER_PROGRAMME)] == ["ruby"]


def test_who_was_merged_has_left_and_the_other_has_the_tier() -> None:
    merge, at = new_id(), a.NOON + 9 * DAY
    old, new = story(None, "gold", who=OTHER), story(None, "silver")
    said = {"cause": "merged", "reference": merge, "changed_at": at, "number": 2}
    left = a.tier_changed(**said, member_id=OTHER, before="gold", after=None)
    stays = a.tier_changed(**said, before="silver", after="gold")

    deliver(left, stays, *new, *old)

    assert history(OTHER) == as_said([*old, left])
    assert history() == as_said([*new, stays])
    assert current() == [(a.MEMBER, "gold"), (OTHER, None)]


def current() -> list[tuple[UUID, str | None]]:
    found = DimMemberTier.objects.filter(valid_to=None).order_by("member_id")
    return list(found.values_list("member_id", "tier"))


@pytest.mark.parametrize(
    "change",
    [
        "SELECT 1",
        "UPDATE fact_tier_change SET version = NULL WHERE number = 1",
        "UPDATE fact_tier_change SET after = 'gold', changed_at = changed_at + interval '40 days'",
        "DELETE FROM fact_tier_change WHERE number = 1",
        "DELETE FROM fact_tier_change",
    ],
)
def test_totals_are_those_of_the_facts_whoever_writes_them(change: str) -> None:
    deliver(*story(None, "silver", "gold"), *story("base", "silver", who=OTHER))
    execute(change)

    assert rows(OF_TOTALS) == rows(OF_FACTS)


def test_facts_that_are_made_again_are_the_same() -> None:
    changes = story("base", "silver", "gold", "silver")
    deliver(*changes)
    totals = rows(OF_TOTALS)
    execute("UPDATE fact_tier_change SET after = 'ruby'")

    rebuild_facts(since=a.NOON - 9 * DAY, until=a.NOON + 900 * DAY)

    assert (history(), rows(OF_TOTALS)) == (as_said(changes), totals)


def test_a_pack_takes_as_many_statements_for_much_as_for_little(django_assert_max_num_queries: Any) -> None:
    def taken(count: int) -> Iterable[Any]:
        said = [a.tier_changed(member_id=new_id()) for _ in range(count)]
        with django_assert_max_num_queries(1_000) as captured:
            deliver(*said)
        return captured.captured_queries

    assert len(list(taken(1))) == len(list(taken(60)))


# The first three are of one member, the others each of a member of their own.
MANY = """
INSERT INTO fact_tier_change (programme_id, member_id, number, changed_at, date_key, member_key, programme_key, before,
    after, cause, message_id)
SELECT %(programme)s::uuid, CASE WHEN n <= 3 THEN %(member)s::uuid ELSE gen_random_uuid() END,
    CASE WHEN n <= 3 THEN n ELSE 1 END, '2026-11-22 12:00Z'::timestamptz + n %% 900 * interval '1 hour', 20261122, 1, 1,
    NULL, 'silver', 'earned', gen_random_uuid()
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
"""


@at_any_size
def test_the_history_of_a_member_is_read_alone_however_many_there_are(filling: Any) -> None:
    filling.fill(["fact_tier_change"], MANY, programme=str(a.PROGRAMME), member=str(a.MEMBER))

    with rows_read("fact_tier_change") as read:
        found = history()

    assert [(number, end is None) for number, _, _, end, _, _ in found] == [(1, False), (2, False), (3, True)]
    assert read() == 3


def tiers() -> list[Any]:
    return rows("SELECT version, level, code, name, enter, stay, metric, valid_from FROM dim_tier ORDER BY 1, 2")


@pytest.mark.parametrize("seed", range(4))
def test_versions_of_tiers_are_kept_in_whatever_order_and_however_often_they_are_told(seed: int) -> None:
    random = Random(seed)
    first = a.tiers_changed("silver", "gold")
    second = a.tiers_changed("gold", "ruby", "silver", version=2, changed_at=a.NOON + DAY, metric="spend")
    said = [envelope_of(one) for one in (first, second, first, second)] * 2
    random.shuffle(said)

    for pack in in_packs(said, random):
        deliver(*pack)

    assert tiers() == [
        (1, 1, "silver", "Silver", 100, 90, "points", a.NOON),
        (1, 2, "gold", "Gold", 200, 180, "points", a.NOON),
        (2, 1, "gold", "Gold", 100, 90, "spend", a.NOON + DAY),
        (2, 2, "ruby", "Ruby", 200, 180, "spend", a.NOON + DAY),
        (2, 3, "silver", "Silver", 300, 270, "spend", a.NOON + DAY),
    ]
    kept = tiers()
    rebuild_facts(since=a.NOON - 9 * DAY, until=a.NOON + 9000 * DAY)
    assert tiers() == kept
