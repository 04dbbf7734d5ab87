from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.intents import errors, rules
from payments.intents.rules import Line, Order, Paid, check_move, check_order, check_refundable, plan_refund
from shared.money import Money

LINES = (Line("1", "BOOK", "books", 3, 1000), Line("2", "LAMP", "home", 1, 2000))
PAID = Paid(currency="EUR", received=5000, refunded=0, refunding=0, lines=LINES)
ORDER = Order(UUID(int=1), UUID(int=2), "o-1", Money(5000, "EUR"), LINES, {})


def test_an_order_without_lines_has_nothing_to_add_up():
    check_order(replace(ORDER, lines=()), tendered=None)


def test_lines_must_make_the_amount():
    with pytest.raises(errors.LinesMismatch) as refusal:
        check_order(replace(ORDER, money=Money(4999, "EUR")), tendered=None)

    assert refusal.value.members == {"amount": 4999, "lines_total": 5000}


def test_the_one_tender_must_be_the_whole_amount():
    check_order(ORDER, tendered=5000)
    with pytest.raises(errors.TenderMismatch):
        check_order(ORDER, tendered=4000)


@pytest.mark.parametrize("before", rules.MOVES)
@pytest.mark.parametrize("after", rules.MOVES)
def test_an_intent_makes_the_moves_of_the_table_and_no_other(before, after):
    allowed = {
        ("requires_confirmation", "processing"),
        ("requires_confirmation", "succeeded"),
        ("requires_confirmation", "canceled"),
        ("processing", "succeeded"),
        ("processing", "failed"),
        ("failed", "processing"),
        ("failed", "succeeded"),
        ("failed", "canceled"),
    }
    if (before, after) in allowed:
        check_move(before, after)
    else:
        with pytest.raises(errors.NotAllowedNow):
            check_move(before, after)


def test_only_a_paid_intent_can_be_refunded():
    with pytest.raises(errors.NotAllowedNow):
        check_refundable("failed", currency="EUR", requested=None)


def test_a_refund_is_in_the_currency_of_the_payment():
    with pytest.raises(errors.RefundCurrency):
        check_refundable("succeeded", currency="EUR", requested=Money(1, "USD"))


def test_a_refund_of_lines_is_their_part():
    plan = plan_refund(PAID, amount=None, quantities={"1": 2, "2": 1})

    assert plan.amount == 4000
    assert [(line.line_id, line.quantity, line.amount) for line in plan.lines] == [("1", 2, 2000), ("2", 1, 2000)]


def test_a_refund_that_names_nothing_is_all_that_is_left():
    plan = plan_refund(replace(PAID, refunded=1000), amount=None, quantities={})

    assert plan.amount == 4000
    assert [(line.line_id, line.quantity, line.amount) for line in plan.lines] == [("1", 3, 2400), ("2", 1, 1600)]


def test_a_refund_by_amount_names_no_line():
    assert plan_refund(PAID, amount=700, quantities={}) == rules.RefundPlan(700, ())


def test_what_is_under_way_counts_as_gone():
    with pytest.raises(errors.RefundExceedsPayment) as refusal:
        plan_refund(replace(PAID, refunded=2000, refunding=2500), amount=501, quantities={})

    assert refusal.value.members["available"] == {"amount": 500, "currency": "EUR"}


def test_a_line_cannot_be_given_back_twice():
    lines = (replace(LINES[0], quantity_refunded=2, amount_refunded=2000), LINES[1])
    with pytest.raises(errors.RefundExceedsLine):
        plan_refund(replace(PAID, refunded=2000, lines=lines), amount=None, quantities={"1": 2})


def test_an_unknown_line_is_refused():
    with pytest.raises(errors.UnknownLine):
        plan_refund(PAID, amount=None, quantities={"3": 1})


def test_an_amount_beside_lines_must_be_theirs():
    assert plan_refund(PAID, amount=2000, quantities={"2": 1}).amount == 2000
    with pytest.raises(errors.RefundMismatch):
        plan_refund(PAID, amount=1999, quantities={"2": 1})


def test_nothing_is_left_of_a_payment_that_was_given_back():
    with pytest.raises(errors.NothingToRefund):
        plan_refund(replace(PAID, refunded=5000), amount=None, quantities={})


def test_a_line_without_pieces_costs_nothing_and_has_none_to_give_back():
    sample = Line("3", "TEA", "samples", 0, 700)
    paid = replace(PAID, lines=(*LINES, sample))
    check_order(replace(ORDER, lines=paid.lines), tendered=None)

    for command in ({"3": 1}, {"1": 1, "3": 1}):
        with pytest.raises(errors.RefundExceedsLine) as refusal:
            plan_refund(paid, amount=None, quantities=command)
        assert refusal.value.members == {"line_id": "3", "available": 0, "requested": 1}
    assert [line.line_id for line in plan_refund(paid, amount=None, quantities={}).lines] == ["1", "2"]


quantities = st.lists(st.integers(0, 12), min_size=1, max_size=5)


@given(quantities, st.lists(st.integers(1, 1000), min_size=5, max_size=5), st.randoms())
def test_partial_refunds_in_any_order_add_up_to_each_line(counts, prices, chance):
    lines = [Line(str(n), "", "", count, prices[n]) for n, count in enumerate(counts)]
    paid = Paid("EUR", sum(line.amount for line in lines), 0, 0, tuple(lines))
    while paid.left:
        chosen = chance.choice([line for line in paid.lines if line.quantity_left])
        plan = plan_refund(paid, amount=None, quantities={chosen.line_id: chance.randint(1, chosen.quantity_left)})
        paid = after(paid, plan)

    assert all(line.amount_refunded == line.amount for line in paid.lines)
    assert paid.refunded == paid.received


@given(st.lists(st.one_of(st.integers(1, 3000), st.sampled_from(["1", "2", "rest"])), max_size=12))
def test_whatever_is_asked_for_never_more_goes_back_than_was_paid(commands):
    paid = PAID
    for command in commands:
        try:
            if command == "rest":
                plan = plan_refund(paid, amount=None, quantities={})
            elif isinstance(command, int):
                plan = plan_refund(paid, amount=command, quantities={})
            else:
                plan = plan_refund(paid, amount=None, quantities={command: 1})
        except (errors.NothingToRefund, errors.RefundExceedsPayment, errors.RefundExceedsLine):
            continue
        paid = after(paid, plan)
        assert plan.amount > 0
        assert paid.left >= 0
        assert all(0 <= line.amount_refunded <= line.amount for line in paid.lines)
        assert all(0 <= line.quantity_refunded <= line.quantity for line in paid.lines)


def after(paid, plan):
    back = {line.line_id: line for line in plan.lines}
    lines = [
        replace(
            line,
            quantity_refunded=line.quantity_refunded + back[line.line_id].quantity,
            amount_refunded=line.amount_refunded + back[line.line_id].amount,
        )
        if line.line_id in back
        else line
        for line in paid.lines
    ]
    return replace(paid, refunded=paid.refunded + plan.amount, lines=tuple(lines))
