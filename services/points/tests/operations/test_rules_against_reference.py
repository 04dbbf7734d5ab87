"""Random rules, purchases and returns through the operations are as the reference engine says; nothing is left over."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.earning.queries import MEMORY
from points.purchases.rows import purchases
from points.purchases.rules.claims import amount_of
from points.purchases.rules.purchases import Purchase
from tests.factories import make_programme, points_of, prove, take_back
from tests.judging_factories import activate, buy_lines, counts
from tests.rules.earning.factories import AT
from tests.rules.earning.reference import Cart, earn
from tests.rules.earning.strategies import DAY, SCHEMA, documents

pytestmark = pytest.mark.django_db
Lines = dict[str, tuple[str, int, int]]
NAMES = ["l0", "l1", "l2"]
_LINES = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.sampled_from(["shoes", "books"]), st.integers(0, 3), st.sampled_from([0, 1, 33, 1_001, 3_333])),
    max_size=3,
)
_SAID = st.fixed_dictionaries({"channel": st.sampled_from(["", "a", "shoes"]), "store": st.sampled_from(["", "ab"])})
_BOUGHT = st.lists(st.tuples(_LINES, _SAID, st.sampled_from([0, 0, 999])), min_size=1, max_size=4)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme(max_points_per_purchase=10**12)
    return member.id


def cart_of(lines: Lines, said: dict[str, str], rest: int, *, is_first: bool) -> Cart:
    """A purchase as the reference engine takes it."""
    amount = sum(cost for _, _, cost in lines.values()) + rest
    known = {f"purchase.{name}": text for name, text in said.items() if text}
    # What is there always: also of a member in no segment.
    known |= {"purchase.amount": amount, "purchase.currency": "EUR", "member.is_first_purchase": is_first}
    known["member.segments"] = frozenset[str]()
    parts = [
        {
            "id": name,
            "amount": cost,
            "quantity": count,
            "values": {"line.category": category, "line.quantity": count, "line.amount": cost},
        }
        for name, (category, count, cost) in lines.items()
    ]
    return Cart("purchase", DAY, known, amount, amount, parts)


def has_no_pieces(cart: Cart) -> bool:
    """Tell whether a purchase costs something, and all of it is lines without pieces: whatever rules say, it earns
    nothing."""
    return bool(cart.amount) and cart.amount == sum(line["amount"] for line in cart.lines if not line["quantity"])


def by_unit(cells: dict[tuple[str, str, str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (unit, _, _), points in cells.items():
        found[unit] = found.get(unit, 0) + points
    return found


def now(bought: Purchase) -> Purchase:
    return purchases.read([bought.payment_id])[bought.payment_id]


def can_come_back(bought: Purchase) -> bool:
    """Tell whether anything is left that a return can name."""
    return bool(bought.left or any(line.quantity > line.quantity_returned for line in bought.lines))


def take_all_back(data: st.DataObject, bought: Purchase, *, at: datetime = AT) -> int:
    """Take a purchase back in some steps; return what all took."""
    taken = 0
    for name in data.draw(st.lists(st.sampled_from([*NAMES, "money"]), max_size=4)):
        left = now(bought)
        line = next((one for one in left.lines if one.line_id == name), None)
        if name == "money" and left.left:
            taken += take_back(bought, amount=data.draw(st.integers(1, left.left)), at=at).points
        elif line and line.quantity > line.quantity_returned and amount_of(line, 1) <= left.left:
            taken += take_back(bought, {name: 1}, at=at).points
    return taken + (take_back(bought, at=at).points if can_come_back(now(bought)) else 0)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(documents(), _BOUGHT, st.sampled_from(["floor", "half_up", "ceil"]), st.data())
def test_purchases_and_returns_are_the_reference_model(
    me: UUID, document: dict[str, Any], told: list[Any], rounding: str, data: st.DataObject
) -> None:
    with transaction.atomic():
        activate(document, at=AT, schema=SCHEMA, rounding=rounding)
        uses: dict[tuple[str, str, str], int] = {}
        made: list[Purchase] = []
        for lines, said, rest in told:
            cart = cart_of(lines, said, rest, is_first=not made)
            made.append(buy_lines(me, lines, at=AT, amount=cart.amount, **said))
            if has_no_pieces(cart):
                assert made[-1].points == 0
                continue
            earned = earn(document, cart, uses, rounding)
            units = by_unit(earned.cells)
            assert made[-1].points == sum(units.values())
            assert [line.points for line in made[-1].lines] == [units.get(line.line_id, 0) for line in made[-1].lines]
            for name, count in earned.counted.items():
                uses[name] = uses.get(name, 0) + count
        assert {name: count for name, count in counts(me).items() if count} == uses
        prove()

        kept = 0
        for bought in data.draw(st.permutations(made)):
            taken = take_all_back(data, bought)
            assert taken == (bought.points if can_come_back(bought) else 0)
            kept += bought.points - taken
        assert points_of(me, at=AT) == (kept, 0)
        assert kept or not any(counts(me).values())
        prove()
        transaction.set_rollback(True)
    MEMORY.invalidate()
