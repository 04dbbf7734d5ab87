"""What is published of tiers is the list of changes, all of it and in its order, whatever changed them."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from points.ledger.operations import merge_members
from points.programmes.queries import default_programme
from points.tiers.models import TierChange
from points.tiers.operations import end_override, judge_periods
from shared.contracts.tiers import TierChanged
from shared.testing import roles
from shared.testing.messages import published
from tests.factories import AT, buy, give, make_programme, register, take_back
from tests.tier_factories import by_hand, make_tiers

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
