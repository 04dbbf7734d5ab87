"""What returns take back: what each rule gave to the line, and all of it in the end, in whatever order."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from points.earning.rules import Back, Counter, Outcome, Returned, both, taken_back
from tests.rules.earning.factories import PER_EURO, cart, fixed, line, outcome, rule, rule_set
from tests.rules.earning.reference import Cart, earn, to_be_back
from tests.rules.earning.strategies import carts, documents
from tests.rules.earning.test_engine import PAPER, PURCHASE, uses_of

NOTHING = Returned()
USE = Counter("welcome", "uses", "ever")


def back(name: str, amount: int, quantity: int = 1) -> Returned:
    return Returned(lines={name: Back(amount, quantity)})


def points(found: Outcome, *returns: Returned) -> list[int]:
    before, taken = NOTHING, []
    for one in returns:
        taken.append(taken_back(found, before, one).points)
        before = both(before, one)
    return taken


def test_the_example_on_paper() -> None:
    found = outcome(PAPER, PURCHASE)

    assert points(found, back("1", 3333), back("2", 1001)) == [66, 110]
    assert points(found, back("2", 1001), back("1", 3333)) == [10, 166]
    assert points(found, Returned(is_whole=True), Returned(is_whole=True)) == [176, 0]
    whole = taken_back(found, NOTHING, Returned(is_whole=True))
    assert (whole.given, whole.counted) == (found.given, ((USE, 1),))


def test_a_part_of_a_line_takes_that_part_of_each_rule() -> None:
    taken = taken_back(outcome(PAPER, PURCHASE), NOTHING, back("1", 1111))

    assert [(one.rule_id, one.line_id, one.points) for one in taken.given] == [("base", "1", 11), ("shoes", "1", 11)]
    assert taken.counted == ()


def test_money_without_a_line_is_of_all_that_is_left() -> None:
    found = outcome(rule_set(rule("a", PER_EURO)), cart(line("1", 10_000), line("2", 10_000), rest=20_000))

    assert points(found, Returned(other=10_000), back("1", 7_500), Returned(other=22_500)) == [100, 76, 224]
    assert points(found, back("unknown", 10_000), back("1", 7_500), Returned(other=22_500)) == [100, 76, 224]


def test_a_purchase_of_nothing_is_back_with_its_pieces() -> None:
    free = cart(line("1", 0, quantity=2, category="x"), line("2", 0, category="x"))
    found = outcome(rule_set(rule("a", {"kind": "per_quantity", "points": 5}), rule("b", fixed(7))), free)

    assert points(found, back("1", 0), back("2", 0), back("1", 0)) == [5, 5, 12]


def test_points_are_given_back_to_counters_as_they_go_and_a_use_with_the_last() -> None:
    limits = [{"of": "uses", "most": 9, "per": "day"}, {"of": "points", "most": 60, "per": "month"}]
    found = outcome(rule_set(rule("a", PER_EURO, limits=limits)), cart(line("1", 10_000, quantity=2)))
    uses, month = Counter("a", "uses", "2026-03-07"), Counter("a", "points", "2026-03")

    assert found.counted == ((uses, 1), (month, 60))
    assert taken_back(found, NOTHING, back("1", 5000)).counted == ((month, 30),)
    assert taken_back(found, back("1", 5000), back("1", 5000)).counted == ((uses, 1), (month, 30))


def returns_of(data: Any, happened: Cart) -> list[Returned]:
    """Parts of a purchase that come to all of it, in some order."""
    found = []
    for one in happened.lines:
        pieces, amount = one["quantity"], one["amount"]
        first, some = data.draw(st.integers(0, pieces)), data.draw(st.integers(0, amount))
        by_line = data.draw(st.booleans()) or not amount
        halves = ((some, first), (amount - some, pieces - first))
        found += [back(one["id"], *half) if by_line else Returned(other=half[0]) for half in halves]
    found.append(Returned(other=happened.amount - sum(one["amount"] for one in happened.lines)))
    return list(data.draw(st.permutations(found)))


@settings(max_examples=100, deadline=None)
@given(documents(), carts().filter(lambda one: one.lines), st.sampled_from(["floor", "half_up", "ceil"]), st.data())
def test_any_returns_in_any_order_are_the_reference_model_and_end_at_all(
    document: dict[str, Any], happened: Cart, rounding: str, data: Any
) -> None:
    uses = uses_of(data, document)
    found = outcome(document, happened, {Counter(*name): count for name, count in uses.items()}, rounding)
    cells = earn(document, happened, uses, rounding).cells
    before, taken, given_back = NOTHING, 0, dict.fromkeys((name for name, _ in found.counted), 0)
    for one in returns_of(data, happened):
        step = taken_back(found, before, one)
        before = both(before, one)
        taken += step.points
        for name, count in step.counted:
            given_back[name] += count
        lines = {name: (part.amount, part.quantity) for name, part in before.lines.items()}
        assert taken == sum(to_be_back(cells, happened, lines, before.other, whole=False).values())
        assert step.points >= 0
    assert taken == found.points
    assert given_back == dict(found.counted)
