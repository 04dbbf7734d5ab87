"""Of each reason why a payment earns nothing: whether it counts for tiers, whether its programme has noted it, so that
the next purchase is not the member's first, and whether the same purchase at a till has."""

from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import transaction

from points.members.operations import note_staff
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases.models import Purchase
from points.purchases.rules.bounds import NoPoints
from points.tiers.models import TierCounted
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing import roles
from tests.budget_factories import make_budget
from tests.factories import AT, make_programme, prove
from tests.judging_factories import activate, buy_lines
from tests.operations.payment_factories import DAY, MERCHANT_ID, paid, points_of_payments
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.tier_factories import make_tiers

pytestmark = pytest.mark.django_db
ME = roles.MEMBER.id


class Case(NamedTuple):
    """What is so before the purchase, how it is told, and what becomes of it."""

    why: NoPoints | None
    before: Any = lambda: None
    amount: int = 1_000
    said: dict[str, Any] = {}
    counts: bool = False
    is_noted: bool = False


def change(**changes: Any) -> None:
    change_programme(default_programme().id, changes=changes, at=AT)


def spend_budget() -> None:
    make_budget(10)
    buy_lines(roles.OTHER_MEMBER.id, {}, amount=1_000)


def earn_order() -> None:
    buy_lines(roles.OTHER_MEMBER.id, {}, amount=1_000, reference="order-1", merchant_id=MERCHANT_ID)


CASES = [
    Case(None, amount=99, counts=True, is_noted=True),
    Case(NoPoints.BUDGET, spend_budget, counts=True, is_noted=True),
    Case(NoPoints.OWN_STAFF, lambda: note_staff([(ME, MERCHANT_ID, 1)]), is_noted=True),
    Case(NoPoints.TOO_MANY_POINTS, lambda: change(max_points_per_purchase=9), counts=True),
    Case(NoPoints.PROGRAMME_CLOSED, lambda: change(status="closed")),
    Case(NoPoints.CURRENCY, lambda: change(), said={"currency": "CHF"}),
    Case(NoPoints.MERCHANT_NOT_LISTED, lambda: change(merchants=[new_id()])),
    Case(NoPoints.AMOUNT_TOO_LARGE, lambda: change(max_amount=999)),
    Case(NoPoints.ORDER_EARNED, earn_order, said={"order_id": "order-1"}),
]
# Of these a payment never says that.
NO_PAYMENT = {NoPoints.NO_PROGRAMME, NoPoints.NO_PIECES}


def test_each_reason_has_its_case() -> None:
    assert {case.why for case in CASES} | NO_PAYMENT == {None, *NoPoints}


@pytest.fixture(autouse=True)
def _programme(db: None) -> None:
    make_programme()
    make_tiers(metric="spend")
    # Rules are active from the next day on.
    activate(rule_set(rule("first", fixed(7), trigger="first_purchase")), at=AT + DAY)


def earns_as_the_first() -> bool:
    change(status="active", merchants=None, max_points_per_purchase=100)
    prove()
    return buy_lines(ME, {}, amount=100, at=AT + 2 * DAY).points == 7


def counted(payment_id: UUID) -> bool:
    return TierCounted.objects.filter(source_id=payment_id).exists()


@pytest.mark.parametrize("is_asked", [False, True])
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.why))
def test_a_payment_that_earns_nothing_is_noted_by_its_programme_as_at_a_till(case: Case, is_asked: bool) -> None:
    if is_asked:
        # So that payments are judged one after the other.
        make_budget(10_000, "large")
    case.before()
    new = paid(ME, case.amount, **case.said)

    assert points_of_payments(new) == [(0, case.why)]

    noted = Purchase.objects.get(payment_id=new.payment_id).programme_id
    assert (counted(new.payment_id), noted) == (case.counts, default_programme().id if case.is_noted else None)
    assert earns_as_the_first() is not case.is_noted


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.why))
def test_the_same_purchase_at_a_till_is_noted_or_refused(case: Case) -> None:
    case.before()
    said = {"reference": case.said.get("order_id", "r-1"), "currency": case.said.get("currency", "EUR")}

    def told() -> Purchase | None:
        try:
            with transaction.atomic():
                return buy_lines(ME, {}, amount=case.amount, merchant_id=MERCHANT_ID, **said)
        except DomainError:
            return None

    assert (made := told()) is None or (made.points, made.no_points_reason) == (0, case.why)
    assert (made is not None) is case.is_noted
    assert earns_as_the_first() is not case.is_noted


def test_one_before_it_in_the_same_list_is_noted_too() -> None:
    note_staff([(ME, MERCHANT_ID, 1)])
    later = AT + DAY

    bought = [
        paid(ME, 1_000), paid(ME, 1_000, at=later, merchant_id=new_id()),
        paid(roles.OTHER_MEMBER.id, 99), paid(roles.OTHER_MEMBER.id, 1_000, at=later),
        paid(new_id(), 1_000, at=later),
    ]  # fmt: skip

    assert points_of_payments(*bought) == [(0, "own_staff"), (0, None), (0, None), (0, None), (7, None)]
