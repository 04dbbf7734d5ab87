"""Random campaigns with budgets, and what becomes of their vouchers: whatever is used, refused, tried, given back and
told is what the slow reference says."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from points.budgets import operations as budgets
from points.budgets import queries
from points.budgets.models import BudgetPeriod
from points.ledger.operations import merge_members
from points.programmes.queries import MEMORY, default_programme
from points.vouchers import operations, orders
from points.vouchers.models import VoucherCampaign
from points.vouchers.orders import PaidOrder
from points.vouchers.queries import any_redemption
from points.vouchers.rules import Order, Redeemer
from shared.contracts.budgets import BudgetAlert
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing import roles
from shared.testing.actors import Actor
from shared.testing.messages import published
from tests.budget_factories import all_used, make_budget, published_uses
from tests.campaign_reference import Campaign, Held, Limit, OrderKey, Reference, Refused, Use
from tests.campaign_strategies import BEGIN, CAMPAIGNS, LIMITS, STEPS
from tests.factories import give, make_programme, points_of, prove
from tests.model.conftest import Size
from tests.voucher_factories import OPERATOR, make_campaign

pytestmark = pytest.mark.django_db
MEMBERS = [roles.MEMBER, roles.OTHER_MEMBER]
MERCHANTS = [roles.MERCHANT_ID, UUID(int=78)]
POINTS, ZONES = 100, ["Europe/Berlin", "Pacific/Apia"]


class World:
    """The service and the reference side by side, at an instant."""

    def __init__(self, zone: str, campaigns: list[dict[str, Any]], limits: list[dict[str, Any]]) -> None:
        make_programme(timezone=zone)
        self.at, self.reference = BEGIN, Reference(zone, POINTS)
        for member in MEMBERS:
            give(member.id, POINTS, at=BEGIN)
        self.campaigns = [self._campaign(**said) for said in campaigns]
        self.rows = dict[object, Any]()
        for said in limits:
            self.limit(said)
        for number in range(len(campaigns) * len(MEMBERS)):
            self.claim(number // 2, number % 2)

    def _campaign(self, *, days: int, codes: int, **terms: Any) -> tuple[Campaign, VoucherCampaign]:
        ends_at = BEGIN + timedelta(days=days)
        made = make_campaign(codes=codes, starts_at=BEGIN - timedelta(days=1), ends_at=ends_at, **terms)
        return Campaign(terms, codes, ends_at), made

    def agree(self, ask: Any, do: Any) -> tuple[Any, Any] | None:
        """Let both do something; assert that both refuse it for one reason, or return what both answered."""
        expected, reason = None, ""
        try:
            expected = ask()
        except Refused as refusal:
            reason = str(refusal)
        if not reason:
            return expected, do()
        with pytest.raises(DomainError) as found, transaction.atomic():
            do()
        assert found.value.code.partition(".")[2] == reason
        return None

    def limit(self, said: dict[str, Any]) -> None:
        which, code = said["campaign"] % len(self.campaigns), f"b{len(self.reference.limits)}"
        campaign, row = self.campaigns[which]
        terms = {name: value for name, value in said.items() if name != "campaign"}
        self.rows[code] = make_budget(code=code, campaign_id=row.id, beyond="refuse", at=self.at, **terms)
        self.reference.limits.append(Limit(code, campaign, **terms))

    def claim(self, which: int, who: int) -> None:
        who = self.reference.now_of[who]
        campaign, row = self.campaigns[which % len(self.campaigns)]
        mine = MEMBERS[who].id
        found = self.agree(
            lambda: self.reference.claim(campaign, who, at=self.at),
            lambda: operations.claim_voucher(row.id, member_id=mine, actor_id=mine, at=self.at),
        )
        if found:
            price, voucher = found
            assert voucher.price_points == price
            self.reference.held.append(Held(voucher.code, campaign, who, price))

    def use(self, pick: int, by: str, number: int, merchant: int, total: int) -> None:
        held = _picked(self.reference.held, pick)
        if held is None:
            return
        by = (
            "operator" if self.reference.now_of[held.holder] != held.holder or (by, merchant) == ("merchant", 1) else by
        )
        key = OrderKey(merchant, f"order-{number}")
        self._try(held, by, key, total)
        order = Order(key.id, "EUR", total, MERCHANTS[merchant])
        found = self.agree(
            lambda: self.reference.use(held, key, total, by=by, at=self.at),
            lambda: operations.redeem_voucher(held.code, redeemer=self._redeemer(held, by), order=order, at=self.at),
        )
        if found:
            discount, redemption = found
            assert redemption.discount == discount
            self.rows[self.reference.uses[-1]] = redemption.id

    def _redeemer(self, held: Held, by: str) -> Redeemer:
        holder = MEMBERS[held.holder].id
        return {
            "member": Redeemer(holder, None, None, False),
            "merchant": Redeemer(roles.MERCHANT.id, roles.MERCHANT_ID, holder, False),
            "operator": Redeemer(OPERATOR, None, None, True),
        }[by]

    def _try(self, held: Held, by: str, key: OrderKey, total: int) -> None:
        """Assert that a validation says what a use would come to."""
        try:
            discount = self.reference.use(held, key, total, by=by, at=self.at, tries=True)
            expected: Any = {"valid": True, "discount": {"amount": discount, "currency": "EUR"}}
        except Refused as refusal:
            expected = {"valid": False, "reason": f"vouchers.{refusal}"}
        actor = {"member": MEMBERS[held.holder], "merchant": roles.MERCHANT, "operator": roles.OPERATOR}[by]
        line = {"line_id": "1", "sku": "s", "category": "c", "quantity": 1, "unit_amount": total}
        order = {"id": key.id, "merchant_id": str(MERCHANTS[key.merchant]), "currency": "EUR", "lines": [line]}
        body = {"code": held.code, "order": order}
        if by == "merchant":
            body["member_id"] = str(MEMBERS[held.holder].id)
        answer = Actor(actor).post("/api/v1/vouchers/validations", body, key=None)
        assert answer.json() == expected

    def undo(self, pick: int) -> None:
        if use := _picked(self.reference.uses, pick):
            self._undo(use, lambda: self.reference.roll_back(use, at=self.at), of_unpaid=False)

    def release(self, pick: int) -> None:
        if use := _picked([one for one in self.reference.uses if one.is_members_own], pick):
            self._undo(use, lambda: self.reference.release(use, at=self.at), of_unpaid=True)

    def _undo(self, use: Use, ask: Any, *, of_unpaid: bool) -> None:
        row = any_redemption(self.rows[use])
        self.agree(
            ask, lambda: operations.roll_back_redemption(row, actor_id=OPERATOR, of_unpaid=of_unpaid, at=self.at)
        )

    def cancel(self, pick: int) -> None:
        if held := _picked(self.reference.held, pick):
            said: dict[str, Any] = {"member_id": None, "actor_id": OPERATOR, "at": self.at}
            self.agree(
                lambda: self.reference.cancel(held, at=self.at), lambda: operations.cancel_voucher(held.code, **said)
            )

    def pay(self, pick: int, ago: timedelta) -> None:
        if use := _picked(self.reference.uses, pick):
            paid_at, key = self.at - ago, use.order
            self.reference.paid.append((key, paid_at))
            with unit_of_work():
                orders.note_payments([PaidOrder(new_id(), key.id, MERCHANTS[key.merchant], paid_at)])

    def change(self, pick: int, most: int, percent: int) -> None:
        if limit := _picked([one for one in self.reference.limits if not one.is_over], pick):
            self.reference.change(limit, most, percent, at=self.at)
            said: dict[str, Any] = {"name": "n", "most": most, "alert_percent": percent, "actor_id": OPERATOR}
            budgets.change_budget(default_programme().id, limit.code, at=self.at, **said)

    def end(self, pick: int) -> None:
        if limit := _picked([one for one in self.reference.limits if not one.is_over], pick):
            limit.is_over = True
            budgets.end_budget(default_programme().id, limit.code, actor_id=OPERATOR, at=self.at)

    def merge(self) -> None:
        if self.reference.now_of[0] == 0:
            self.reference.merge()
            one, into = (member.id for member in MEMBERS)
            merge_members(from_member_id=one, into_member_id=into, reason="one", actor_id=OPERATOR, at=self.at)

    def check(self) -> None:
        """Assert that what is used, told and counted is what the reference says."""
        names = {row.id: code for code, row in self.rows.items() if isinstance(code, str)}
        names_of_each = {str(merchant): f"merchant {number}" for number, merchant in enumerate(MERCHANTS)}
        names_of_each |= {str(member.id): f"member {number}" for number, member in enumerate(MEMBERS)} | {"": ""}
        periods = BudgetPeriod.objects.exclude(used=0)
        assert {(names[one.budget_id], (one.period, names_of_each[one.each])): one.used for one in periods} == {
            (limit.code, place): count
            for limit in self.reference.limits
            for place, count in self.reference.used(limit).items()
        }
        told = [
            (one.code, (one.period, names_of_each[one.each or ""]), one.used, one.most)
            for one in published(BudgetAlert)
        ]
        assert Counter(told) == Counter(self.reference.alerts)
        for campaign, row in self.campaigns:
            now = VoucherCampaign.objects.get(id=row.id)
            assert (now.claimed, now.used) == (
                self.reference.claimed(campaign),
                len(self.reference.counting(campaign=campaign)),
            )


def _picked(those: list[Any], number: int) -> Any:
    return those[number % len(those)] if those else None


def play(zone: str, campaigns: list[Any], limits: list[Any], steps: list[Any]) -> None:
    """Play steps on both sides, each some time after the one before; what is written is undone."""
    with transaction.atomic():
        world = World(zone, campaigns, limits)
        for later, (name, *values) in steps:
            world.at += later
            with time_machine.travel(world.at, tick=False):
                getattr(world, name)(*values)
            world.check()
        assert [points_of(one.id, at=world.at)[0] for one in MEMBERS] == world.reference.points
        assert published_uses() == all_used()
        prove()
        transaction.set_rollback(True)
    for memory in (MEMORY, queries.MEMORY):
        memory.invalidate()


FIVE_OFF = {
    "kind": "amount", "amount": 500, "uses_per_code": 9, "uses_per_member": None, "uses_total": None, "price_points": 0,
    "min_spend": None, "stacking": "exclusive", "priority": 0, "codes": 2, "days": 9,
}  # fmt: skip
A_FEW = {"campaign": 0, "of": "money", "most": 900, "per": "ever", "each": None, "alert_percent": 80}
SOON = timedelta(seconds=10)
# What is rare at random: who was merged goes on with the other's, and what gives way gives back first.
RARE: list[tuple[dict[str, Any], list[Any]]] = [
    ({**A_FEW, "each": "member"}, [("use", 1, "member", 0, 0, 1_000), ("merge",), ("use", 0, "operator", 1, 0, 1_000)]),
    ({**A_FEW, "most": 500}, [("use", 0, "member", 0, 0, 200), ("use", 0, "merchant", 0, 0, 1_000)]),
]


def test_budgets_of_campaigns_are_as_the_slow_way_tells_them(size: Size) -> None:
    search = given(st.sampled_from(ZONES), CAMPAIGNS, LIMITS, STEPS)(play)
    for limit, steps in RARE:
        search = example(ZONES[0], [FIVE_OFF], [limit], [(SOON, step) for step in steps])(search)
    chosen = settings(max_examples=3 * size.runs, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    chosen(seed(size.seed)(search))()
