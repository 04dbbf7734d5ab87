"""What is foreseen by a few numbers is what the engine decides upon lots."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from points.ledger.rules.foresight import Standing, foresee, has_ended
from points.ledger.rules.postings import LARGEST_BALANCE, decide
from points.ledger.rules.values import NO_POINTS, Account, Activation, Kind, Lot, Posting
from shared.errors import DomainError
from shared.ids import new_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, MEMBER = UUID(int=1), UUID(int=2)
WAITS = Activation(AT + DAY, "")
_ends = st.sampled_from([None, AT - DAY, AT, AT + DAY])
_postings = st.lists(
    st.tuples(
        st.sampled_from([Kind.EARNED, Kind.EARNED, Kind.REDEEMED, Kind.ADJUSTED]),
        st.one_of(st.integers(-30, 30), st.sampled_from([LARGEST_BALANCE, LARGEST_BALANCE - 20])),
        _ends, st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


def posting(kind: Kind, points: int, ends: datetime | None = None, waits: bool = False) -> Posting:
    gives = kind == Kind.EARNED or (kind == Kind.ADJUSTED and points > 0)
    return Posting(
        kind=kind,
        programme_id=PROGRAMME,
        member_id=MEMBER,
        points=points if kind == Kind.ADJUSTED else abs(points),
        activates=WAITS if waits and kind == Kind.EARNED else None,
        expires_at=ends if gives else None,
    )


def account(*, owes: int = 0, lots: list[tuple[int, datetime | None]]) -> Account:
    """Return an account that owes points, or has these lots."""
    opened = tuple(Lot(new_id(), points, ends, number, None) for number, (points, ends) in enumerate(lots))
    available = sum(lot.remaining for lot in opened)
    buckets = {**NO_POINTS, "available": available, "deficit": -owes, "issued": owes - available}
    return Account(1, PROGRAMME, MEMBER, buckets, 0, opened)


def outcome(decision: Any, *given: Any, **at: Any) -> Any:
    """Return what is decided, or why it is refused."""
    try:
        return decision(*given, **at)
    except DomainError as refusal:
        return refusal.code, refusal.members


_owing = st.tuples(st.integers(1, 40), st.just([]))
_having = st.tuples(st.just(0), st.lists(st.tuples(st.integers(1, 40), _ends), max_size=3))


@given(st.one_of(_owing, _having), _postings)
def test_what_is_foreseen_is_decided(begins: Any, cases: Any) -> None:
    owes, lots = begins
    now = account(owes=owes, lots=sorted(lots, key=lambda lot: lot[1] or AT + 9 * DAY))
    alive = sum(lot.remaining for lot in now.lots if lot.expires_at is None or lot.expires_at > AT)
    stands = Standing(alive + now.buckets["deficit"], now.buckets["issued"], now.buckets["adjusted"])
    for one in (posting(*command) for command in cases if command[1]):
        foreseen, decided = outcome(foresee, one, stands, at=AT), outcome(decide, now, one, at=AT)
        if isinstance(foreseen, tuple):
            assert decided == foreseen
        else:
            stands, now = foreseen, decided.after
            assert (stands.issued, stands.adjusted) == (now.buckets["issued"], now.buckets["adjusted"])


def test_points_that_have_ended_pay_what_is_owed_and_nothing_else() -> None:
    ended = posting(Kind.EARNED, 30, AT)

    assert [foresee(ended, Standing(points), at=AT).spendable for points in (-50, -10, 0, 5)] == [-20, 0, 0, 5]
    assert [has_ended(one, at=AT) for one in (ended, posting(Kind.EARNED, 1, AT + DAY), posting(Kind.EARNED, 1))] == [
        True, False, False,
    ]  # fmt: skip


def test_points_that_wait_pay_nothing_yet() -> None:
    waits = posting(Kind.EARNED, 30, AT - DAY, waits=True)

    assert foresee(waits, Standing(-50), at=AT) == Standing(-50, -30, 0)
    assert not has_ended(waits, at=AT)
