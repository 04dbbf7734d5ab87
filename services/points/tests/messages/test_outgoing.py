from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from points.budgets.rows import Reached
from points.earning.models import RuleSet
from points.earning.rules import Schema, Span, Trigger, fields_of, read_rules
from points.events.rules.events import Event
from points.expiry.rows.notices import Notice
from points.ledger.rules.values import ByRule, Change, Kind, Pending, Posted, Take
from points.messages.outgoing.budgets import budget_alert
from points.messages.outgoing.events import event_recorded
from points.messages.outgoing.notices import points_expiring
from points.messages.outgoing.programmes import programme_changed
from points.messages.outgoing.rules import rule_changed
from points.messages.outgoing.tiers import tier_changed, tier_expiring, tiers_changed
from points.messages.outgoing.transactions import points_posted
from points.programmes.rules import Programme
from points.tiers.models import TierScheme
from points.tiers.rules import Cause, read_scheme
from points.tiers.rules import Change as TierChange
from points.tiers.rules import Notice as TierNotice
from shared.contracts import points as contracts
from shared.contracts.budgets import BudgetAlert
from shared.contracts.events import EventRecorded
from shared.contracts.rules import RuleChanged
from shared.contracts.tiers import TierChanged, TierExpiring, TiersChanged
from shared.testing.messages import example
from tests.rules.earning.factories import DOUBLE, PER_EURO, SHOES, rule, rule_set
from tests.tier_factories import GOLD, SILVER, document

PROGRAMME = UUID("01987a50-0000-7000-8000-000000000010")
MERCHANT = UUID("00000000-0000-7000-8000-00000000000a")
MEMBER = UUID("00000000-0000-7000-8000-000000000001")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
POSTED_AT = datetime(2026, 3, 1, 12, 0, 0, 125_000, tzinfo=UTC)


def fact(number: int, kind: Kind, points: int, change: int, balance: int, reference: str, **more: Any) -> Posted:
    values = {"reason": "", "occurred_at": AT, "posted_at": POSTED_AT} | more
    return Posted(
        id=UUID(f"01987a50-0000-7000-8000-0000000001{number:02d}"),
        kind=kind,
        programme_id=PROGRAMME,
        member_id=MEMBER,
        points=points,
        change=change,
        balance_after=balance,
        reference=reference,
        **values,
    )


def test_points_earned_is_as_agreed() -> None:
    ends_at = datetime(2027, 3, 1, 23, tzinfo=UTC)
    payment = "payment:01987a50-0000-7000-8000-000000000201"
    earned = fact(1, Kind.EARNED, 120, 120, 120, payment, lots=(Take(PROGRAMME, 120, ends_at),))

    rules = [ByRule(name, 3, points) for name, points in (("base", 43), ("double-shoes", 33), ("welcome", 44))]

    assert points_posted(earned, rules, MERCHANT).payload() == example(contracts.PointsEarned)


def test_points_redeemed_is_as_agreed() -> None:
    redeemed = fact(2, Kind.REDEEMED, 30, -30, 90, "order-1001")

    assert points_posted(redeemed).payload() == example(contracts.PointsRedeemed)


def test_points_expired_is_as_agreed() -> None:
    lot = "lot:01987a50-0000-7000-8000-000000000101"
    ended_at, posted_at = datetime(2027, 3, 1, 23, tzinfo=UTC), datetime(2027, 3, 2, 0, 0, 5, tzinfo=UTC)
    expired = fact(3, Kind.EXPIRED, 20, -20, 70, lot, occurred_at=ended_at, posted_at=posted_at)

    assert points_posted(expired).payload() == example(contracts.PointsExpired)


def test_points_adjusted_is_as_agreed_and_speaks_of_reversals_too() -> None:
    for kind in (Kind.ADJUSTED, Kind.REVERSED):
        adjusted = fact(4, kind, 15, -15, 55, "ticket-77", reason="credited twice")

        assert points_posted(adjusted).payload() == example(contracts.PointsAdjusted)


def test_points_returned_is_as_agreed() -> None:
    entries = (Change("available", -55, 0), Change("deficit", -5, -5), Change("returned", 60, 60))
    refund = "refund:01987a50-0000-7000-8000-000000000301"
    returned = fact(5, Kind.RETURNED, 60, -55, 0, refund, entries=entries)

    # 25 of what was asked back was forgiven.
    rules = [ByRule("base", 3, 51), ByRule("double-shoes", 3, 34)]

    assert points_posted(returned, rules, MERCHANT).payload() == example(contracts.PointsReturned)


def test_points_sent_and_received_are_as_agreed() -> None:
    transfer = "transfer:01987a50-0000-7000-8000-000000000401"
    sent = fact(6, Kind.SENT, 25, -25, 65, transfer)
    received = structs.replace(
        fact(7, Kind.RECEIVED, 25, 20, 20, transfer), member_id=UUID("00000000-0000-7000-8000-000000000002")
    )

    assert points_posted(sent).payload() == example(contracts.PointsSent)
    assert points_posted(received).payload() == example(contracts.PointsReceived)


def test_points_reinstated_is_as_agreed() -> None:
    expiry, at = "expiry:01987a50-0000-7000-8000-000000000103", datetime(2027, 3, 5, 9, tzinfo=UTC)
    posted_at = datetime(2027, 3, 5, 9, 0, 0, 125_000, tzinfo=UTC)
    lots = (Take(PROGRAMME, 20, datetime(2027, 4, 30, 22, tzinfo=UTC)),)
    reinstated = fact(
        8, Kind.REINSTATED, 20, 20, 90, expiry, reason="was ill", lots=lots, occurred_at=at, posted_at=posted_at
    )

    assert points_posted(reinstated).payload() == example(contracts.PointsReinstated)


def test_points_expiring_is_as_agreed() -> None:
    notice = Notice(
        id=UUID("01987a50-0000-7000-8000-000000000501"),
        account_id=1,
        programme_id=PROGRAMME,
        member_id=MEMBER,
        points=120,
        days=30,
        expires_on=date(2027, 3, 1),
        expires_at=datetime(2027, 3, 15, 23, tzinfo=UTC),
        told_at=datetime(2027, 1, 30, 0, 0, 5, tzinfo=UTC),
    )

    assert points_expiring(notice).payload() == example(contracts.PointsExpiring)


WAITING = Pending(
    id=UUID("01987a50-0000-7000-8000-000000000108"),
    programme_id=PROGRAMME,
    member_id=UUID("00000000-0000-7000-8000-000000000001"),
    points=120,
    remaining=120,
    due_at=datetime(2026, 3, 15, 23, tzinfo=UTC),
    created_at=AT,
)


def test_points_pending_is_as_agreed() -> None:
    payment = "payment:01987a50-0000-7000-8000-000000000201"
    pending = fact(8, Kind.EARNED, 120, 0, 65, payment, pending=(WAITING,))

    rules = [ByRule("base", 3, 120)]

    assert points_posted(pending, rules, MERCHANT).payload() == example(contracts.PointsPending)


def test_points_activated_is_as_agreed() -> None:
    payment, ends_at = "payment:01987a50-0000-7000-8000-000000000201", datetime(2027, 3, 15, 23, tzinfo=UTC)
    lots = (Take(WAITING.id, 115, ends_at),)
    activated = fact(9, Kind.ACTIVATED, 120, 115, 180, payment, lots=lots, pending=(WAITING,))

    assert points_posted(activated).payload() == example(contracts.PointsActivated)


def test_points_cancelled_is_as_agreed() -> None:
    cancelled = fact(10, Kind.CANCELLED, 40, 0, 65, "order-1001", reason="deadline passed", pending=(WAITING,))

    assert points_posted(cancelled).payload() == example(contracts.PointsCancelled)


def test_programme_changed_is_as_agreed() -> None:
    programme = Programme(
        id=PROGRAMME,
        name="Plaza",
        currency="EUR",
        timezone="Europe/Berlin",
        earn_points=1,
        earn_amount=100,
        lot_days=365,
        value_points=100,
        value_amount=100,
        rounding="floor",
        status="active",
        is_default=True,
        created_at=AT,
    )

    assert programme_changed(programme, at=AT).payload() == example(contracts.ProgrammeChanged)


def test_rule_changed_is_as_agreed() -> None:
    saturday, sunday = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
    base = rule("base", PER_EURO) | {"name": "1 point per 1.00"}
    document = rule_set(base, rule("double-shoes", DOUBLE, lines=SHOES) | {"name": "Double points on shoes"})
    row = RuleSet(programme_id=PROGRAMME, version=2, starts_at=saturday)
    spans = [Span(1, AT), Span(2, saturday), Span(3, sunday)]

    rules = read_rules(document, fields_of(Schema())).rules
    changed = rule_changed(row, rules, spans, currency="EUR", at=AT + timedelta(days=4))

    assert changed.payload() == example(RuleChanged)


def test_tier_changed_is_as_agreed() -> None:
    earning = UUID("01987a50-0000-7000-8000-000000000110")
    change = TierChange("silver", "gold", AT, Cause.EARNED, earning)

    assert tier_changed(PROGRAMME, MEMBER, 2, change, version=2, at=POSTED_AT).payload() == example(TierChanged)


def test_tiers_changed_is_as_agreed() -> None:
    scheme = read_scheme(document(SILVER | {"stay": 100}, GOLD))
    operator = UUID("01987a50-0000-7000-8000-000000000003")
    row = TierScheme(programme_id=PROGRAMME, version=2, created_at=AT, created_by=operator)

    assert tiers_changed(row, scheme).payload() == example(TiersChanged)


def test_tier_expiring_is_as_agreed() -> None:
    end = datetime(2026, 12, 31, 23, tzinfo=UTC)
    notice = TierNotice(tier="gold", projected="silver", missing=310, until=end, grace_until=end + timedelta(days=30))

    assert tier_expiring(PROGRAMME, MEMBER, notice).payload() == example(TierExpiring)


def test_event_recorded_is_as_agreed_and_says_nothing_of_the_data() -> None:
    event = Event(
        id=UUID("01987a50-0000-7000-8000-000000000601"),
        programme_id=PROGRAMME,
        trigger=Trigger.EVENT,
        merchant_id=UUID("00000000-0000-7000-8000-00000000000a"),
        event_id="review-77",
        name="review",
        member_id=MEMBER,
        occurred_at=AT,
        recorded_at=POSTED_AT,
        data={"stars": 5},
        points=25,
        transaction_id=UUID("01987a50-0000-7000-8000-000000000110"),
        rules_version=3,
    )

    assert event_recorded(event).payload() == example(EventRecorded)


def test_budget_alert_is_as_agreed() -> None:
    reached = Reached(
        programme_id=PROGRAMME,
        budget_id=UUID("01987a50-0000-7000-8000-000000000701"),
        code="spring",
        name="Double points in spring",
        of="money",
        most=100_000,
        period="2026-03",
        each="",
        # Worth 800.49 and two thirds: half a cent more is a cent.
        used=240_149,
        alert_percent=80,
        value_points=3,
        value_amount=1,
    )

    assert budget_alert(reached, at=AT).payload() == example(BudgetAlert)
