"""Tiers by hand: what the member has while one lasts, and what goes on below it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from points.ledger.errors import MemberMerged
from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.tiers import operations
from points.tiers.errors import TierOverridden, TierOverrideOver, TierUnknown
from points.tiers.models import MemberTier, TierChange, TierOverride
from points.tiers.operations import judge_periods, next_end
from points.tiers.queries.tiers import tiers_of
from shared.contracts.tiers import TierChanged
from shared.errors import MemberUnknown
from shared.testing import roles
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, make_programme, take_back
from tests.tier_factories import by_hand, changes, code, make_tiers, tier

pytestmark = pytest.mark.django_db
ME, OTHER, OPERATOR = roles.MEMBER.id, roles.OTHER_MEMBER.id, roles.OPERATOR.id
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)  # in Berlin


@pytest.fixture(autouse=True)
def programme() -> Any:
    found = make_programme()
    make_tiers()
    return found


def end(given: TierOverride, *, at: datetime) -> TierOverride:
    return operations.end_override(default_programme(), given.id, actor_id=OPERATOR, at=at)


def merge(old: UUID, new: UUID, *, at: datetime) -> None:
    merge_members(from_member_id=old, into_member_id=new, reason="two cards", actor_id=OPERATOR, at=at)


def rules_know(member_id: UUID, *, at: datetime) -> str | None:
    return tiers_of(default_programme(), [member_id], at=at).get(member_id)


def test_what_is_earned_and_taken_back_goes_on_below_and_shows_at_the_end() -> None:
    given = by_hand(ME, "gold")
    shoes = buy(ME, {"1": (1, 20_000)}, at=AT + DAY)
    buy(ME, {"1": (1, 10_000)}, at=AT + DAY)
    take_back(shoes, at=AT + 2 * DAY)
    found = tier(ME, at=AT + 2 * DAY)
    assert (code(ME, at=AT + 2 * DAY), found.standing.tier, found.progress) == ("gold", "silver", 100)

    end(given, at=AT + 3 * DAY)
    assert changes(ME) == [(None, "gold", AT, "override"), ("gold", "silver", AT + 3 * DAY, "override_ended")]
    assert {one.reference for one in TierChange.objects.all()} == {given.id}
    told = [(one.number, one.after, one.cause, one.reference, one.changed_at) for one in published(TierChanged)]
    assert told == [
        (1, "gold", "override", given.id, AT),
        (2, "silver", "override_ended", given.id, AT + 3 * DAY),
    ]


def test_a_tier_by_hand_may_be_lower_than_the_computed_one() -> None:
    give(ME, 600)
    given = by_hand(ME, "silver", at=AT + DAY)
    assert (code(ME, at=AT + DAY), rules_know(ME, at=AT + DAY)) == ("silver", "silver")

    end(given, at=AT + 2 * DAY)
    assert (code(ME, at=AT + 2 * DAY), rules_know(ME, at=AT + 2 * DAY)) == ("gold", "gold")


def test_the_same_tier_by_hand_is_no_change() -> None:
    give(ME, 100)
    end(by_hand(ME, "silver"), at=AT + DAY)

    assert changes(ME) == [(None, "silver", AT, "earned")]


def test_whoever_asks_after_the_end_sees_the_computed_tier_and_the_job_notes_it_once_as_of_the_end() -> None:
    until = AT + 10 * DAY
    given = by_hand(ME, "gold", until=until)
    assert next_end(AT) == until
    assert [rules_know(ME, at=at) for at in (until - INSTANT, until)] == ["gold", None]
    assert [code(ME, at=at) for at in (until - INSTANT, until)] == ["gold", None]
    assert (tier(ME, at=until).standing.since, changes(ME)) == (until, [(None, "gold", AT, "override")])

    late = until + 40 * DAY
    assert [judge_periods(at=until - INSTANT), judge_periods(at=late), judge_periods(at=late)] == [0, 1, 0]
    assert changes(ME)[1:] == [("gold", None, until, "override_ended")]
    assert [one.changed_at for one in published(TierChanged)] == [AT, until]
    given.refresh_from_db()
    assert (given.ended_at, given.ended_by) == (until, None)
    assert next_end(late) == NEW_YEAR


def test_a_posting_after_the_end_notes_it_first() -> None:
    until = AT + 10 * DAY
    by_hand(ME, "gold", until=until)
    give(ME, 100, at=until + DAY)

    assert changes(ME)[1:] == [("gold", None, until, "override_ended"), (None, "silver", until + DAY, "earned")]
    assert judge_periods(at=until + DAY) == 0


@pytest.mark.parametrize(
    ("until", "then"),
    [
        (NEW_YEAR - DAY, [("diamond", "gold", NEW_YEAR - DAY, "override_ended")]),
        (NEW_YEAR, [("diamond", "gold", NEW_YEAR, "override_ended")]),
        (NEW_YEAR + DAY, [("diamond", "gold", NEW_YEAR + DAY, "override_ended")]),
    ],
)
def test_a_period_that_ends_below_counts_with_the_override_that_ends_with_it(until: datetime, then: Any) -> None:
    make_tiers(upgrade="period_end")
    by_hand(ME, "diamond", until=until)
    give(ME, 500)
    rose = [(None, "gold", NEW_YEAR, "period_end")]
    if until < NEW_YEAR:
        then = [("diamond", None, until, "override_ended"), *rose]

    judge_periods(at=NEW_YEAR + 5 * DAY)
    assert changes(ME) == [(None, "diamond", AT, "override"), *then]


@pytest.mark.parametrize(("until", "projected"), [(None, "gold"), (NEW_YEAR + INSTANT, "gold"), (NEW_YEAR, None)])
def test_a_projection_knows_whether_the_tier_by_hand_lasts(until: datetime | None, projected: str | None) -> None:
    by_hand(ME, "gold", until=until)

    found = tier(ME).projected
    assert (found.code if found else None) == projected


def test_one_that_is_over_stays_as_it_ended() -> None:
    given = by_hand(ME, "gold", until=AT + DAY)
    assert (over := end(given, at=AT + 2 * DAY)).ended_at == AT + DAY
    second = by_hand(ME, "silver", at=AT + 3 * DAY)
    assert end(given, at=AT + 4 * DAY).ended_at == over.ended_at
    assert code(ME, at=AT + 4 * DAY) == "silver"

    assert [end(second, at=AT + days * DAY).ended_at for days in (5, 6)] == [AT + 5 * DAY] * 2
    assert len(changes(ME)) == 4


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_is_refused_and_writes_nothing(programme: Any) -> None:
    lasting = by_hand(ME, "gold")
    merge(OTHER, ME, at=AT)
    with nothing_written():
        with pytest.raises(TierOverridden) as refused:
            by_hand(ME, "silver", at=AT + DAY)
        for wrong, refusal in (({"tier": "platinum"}, TierUnknown), ({"until": AT}, TierOverrideOver)):
            with pytest.raises(refusal):
                by_hand(roles.ANALYST.id, **({"tier": "gold"} | wrong))
        with pytest.raises(MemberMerged):
            by_hand(OTHER, "gold")
    assert refused.value.members == {"override_id": str(lasting.id)}

    change_programme(programme.id, changes={"unknown_members": "refuse"}, at=AT)
    with nothing_written(), pytest.raises(MemberUnknown):
        by_hand(roles.ANALYST.id, "gold")


def test_a_merged_members_tier_by_hand_goes_to_the_other() -> None:
    given = by_hand(OTHER, "gold", until=AT + 5 * DAY)
    give(ME, 100)
    merge(OTHER, ME, at=AT + DAY)

    assert (code(ME, at=AT + DAY), code(OTHER, at=AT + DAY)) == ("gold", None)
    assert changes(OTHER) == [(None, "gold", AT, "override"), ("gold", None, AT + DAY, "merged")]
    judge_periods(at=AT + 5 * DAY)
    assert changes(ME)[1:] == [
        ("silver", "gold", AT + DAY, "merged"), ("gold", "silver", AT + 5 * DAY, "override_ended")
    ]  # fmt: skip
    given.refresh_from_db()
    assert (given.member_id, given.ended_at) == (ME, AT + 5 * DAY)


def test_a_merged_members_tier_by_hand_ends_where_the_other_has_one() -> None:
    own, other = by_hand(ME, "silver"), by_hand(OTHER, "gold")
    give(OTHER, 1_000)
    merge(OTHER, ME, at=AT + DAY)

    assert (code(ME, at=AT + DAY), tier(ME, at=AT + DAY).standing.tier) == ("silver", "diamond")
    other.refresh_from_db()
    assert (other.member_id, other.ended_at, other.ended_by) == (OTHER, AT + DAY, OPERATOR)
    end(own, at=AT + 2 * DAY)
    assert code(ME, at=AT + 2 * DAY) == "diamond"
    with nothing_written():
        assert end(other, at=AT + 3 * DAY).ended_at == AT + DAY
    assert not MemberTier.objects.filter(member_id=OTHER).exists()
