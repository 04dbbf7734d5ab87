"""What is published of tiers is the list of changes, all of it and in its order, whatever changed them."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from points.ledger.operations import merge_members
from points.programmes.queries import default_programme
from points.tiers.models import TierChange
from points.tiers.operations import end_override, import_tiers, judge_periods
from points.tiers.rules import Start
from shared.contracts.tiers import TierChanged, TiersChanged, TierTerms
from shared.testing import roles
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, make_programme, register, take_back
from tests.tier_factories import DIAMOND, GOLD, SILVER, by_hand, make_tiers

pytestmark = pytest.mark.django_db
ME, OTHER, THIRD = roles.MEMBER.id, roles.OTHER_MEMBER.id, UUID(int=3)
DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)  # in Berlin
FIELDS = ("programme_id", "member_id", "number", "before", "after", "cause", "reference", "changed_at")


@pytest.fixture(autouse=True)
def programme() -> None:
    register(ME, OTHER, THIRD)
    make_programme()
    make_tiers()


def lives() -> None:
    """Let members come to tiers and leave them by all that does it."""
    give(ME, 520)
    bought = buy(OTHER, {"1": (1, 12_000)})
    give(THIRD, 120)
    given = by_hand(THIRD, "diamond")
    take_back(bought)
    give(OTHER, 600)
    end_override(default_programme(), given.id, actor_id=roles.OPERATOR.id, at=AT + DAY)
    by_hand(THIRD, "gold", until=AT + 2 * DAY, at=AT + DAY)
    merge_members(
        from_member_id=OTHER, into_member_id=THIRD, reason="two cards", actor_id=roles.OPERATOR.id, at=AT + 3 * DAY
    )
    judge_periods(at=NEW_YEAR + 400 * DAY)


def test_all_changes_are_published_once_and_in_their_order() -> None:
    lives()

    messages = published(TierChanged)

    rows = TierChange.objects.values_list(*FIELDS)
    assert len(messages) == len(rows)
    assert {tuple(getattr(one, name) for name in FIELDS) for one in messages} == set(rows)
    assert {one.cause for one in messages} == {
        "earned", "taken_back", "period_end", "merged", "override", "override_ended",
    }  # fmt: skip


def test_a_members_changes_follow_each_other_by_their_numbers_and_instants() -> None:
    lives()
    of_members = defaultdict[UUID, list[TierChanged]](list)
    for one in sorted(published(TierChanged), key=lambda one: one.number):
        of_members[one.member_id].append(one)

    assert of_members.keys() == {ME, OTHER, THIRD}
    for changes in of_members.values():
        assert [one.number for one in changes] == [*range(1, len(changes) + 1)]
        assert [one.before for one in changes] == [None, *(one.after for one in changes[:-1])]
        assert [one.changed_at for one in changes] == sorted(one.changed_at for one in changes)


def test_each_version_of_the_tiers_is_published_once_with_their_order() -> None:
    with nothing_written():
        make_tiers(at=AT + DAY)
    make_tiers(GOLD, SILVER | {"enter": 600, "stay": 600}, DIAMOND, at=AT + 2 * DAY)

    first, second = published(TiersChanged)

    assert (first.programme_id, first.version, first.changed_at) == (default_programme().id, 1, AT)
    assert (first.metric, first.event, first.field, first.changed_by) == ("points", None, None, roles.OPERATOR.id)
    assert first.tiers == [
        TierTerms(code="silver", name="Silver", enter=100, stay=80),
        TierTerms(code="gold", name="Gold", enter=500, stay=400),
        TierTerms(code="diamond", name="Diamond", enter=1_000, stay=1_000),
    ]
    assert (second.version, second.changed_at) == (2, AT + 2 * DAY)
    assert [one.code for one in second.tiers] == ["gold", "silver", "diamond"]


def test_a_change_says_by_which_version_it_was_decided() -> None:
    give(ME, 520)
    make_tiers(SILVER, GOLD | {"enter": 550}, DIAMOND, at=AT + 800 * DAY)
    give(OTHER, 560, at=AT + 800 * DAY)
    brought = Start(THIRD, "gold", AT - DAY, None)
    import_tiers(default_programme(), [brought], actor_id=roles.OPERATOR.id, at=AT + 801 * DAY)
    judge_periods(at=AT + 801 * DAY)

    told = {(one.member_id, one.cause): (one.version, one.changed_at) for one in published(TierChanged)}

    assert told == {
        (ME, "earned"): (1, AT),
        # The boundary was before the second version, and is judged after it.
        (ME, "period_end"): (1, datetime(2027, 12, 31, 23, tzinfo=UTC)),
        (OTHER, "earned"): (2, AT + 800 * DAY),
        (THIRD, "imported"): (2, AT - DAY),
    }
