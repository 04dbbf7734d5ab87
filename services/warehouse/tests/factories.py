"""Messages as the other services say them; every field can be given, the rest is plausible."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from shared.contracts import auth, budgets, clock, events, payments, points, rules, tiers, totals, vouchers
from shared.contracts.base import Contract
from shared.ids import new_id
from shared.testing import roles

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)
PROGRAMME = UUID("00000000-0000-7000-8000-0000000000b1")
OTHER_PROGRAMME = UUID("00000000-0000-7000-8000-0000000000b2")
BUDGET = UUID("00000000-0000-7000-8000-0000000000d1")
CAMPAIGN = UUID("00000000-0000-7000-8000-0000000000c1")
MERCHANT = roles.MERCHANT_ID
OTHER_MERCHANT = UUID("00000000-0000-7000-8000-00000000000b")
MEMBER = roles.MEMBER.id


def _movement(change: int, fields: dict[str, Any]) -> dict[str, Any]:
    at = fields.pop("at", NOON)
    return {
        "transaction_id": new_id(),
        "programme_id": PROGRAMME,
        "member_id": MEMBER,
        "points": abs(change),
        "change": change,
        "balance": 1000,
        "reference": "payment-1",
        "occurred_at": at,
        "posted_at": at,
        **fields,
    }


def earned(change: int = 120, **fields: Any) -> points.PointsEarned:
    return points.PointsEarned(**{"expires_at": None, **_movement(change, fields)})


def by_rule(points_: int, rule_id: str = "base", *, version: int = 1) -> rules.EarnedByRule:
    return rules.EarnedByRule(id=rule_id, version=version, points=points_)


def earned_by_rules(*given: rules.EarnedByRule, **fields: Any) -> points.PointsEarned:
    return earned(sum(one.points for one in given), rules=list(given), **{"merchant_id": MERCHANT, **fields})


def returned_by_rules(*given: rules.EarnedByRule, **fields: Any) -> points.PointsReturned:
    return returned(-sum(one.points for one in given), rules=list(given), **{"merchant_id": MERCHANT, **fields})


def redeemed(change: int = -300, **fields: Any) -> points.PointsRedeemed:
    return points.PointsRedeemed(**_movement(change, fields))


def expired(change: int = -10, **fields: Any) -> points.PointsExpired:
    return points.PointsExpired(**_movement(change, fields))


def adjusted(change: int = 5, **fields: Any) -> points.PointsAdjusted:
    return points.PointsAdjusted(**{"reason": "goodwill", **_movement(change, fields)})


def returned(change: int = -40, **fields: Any) -> points.PointsReturned:
    return points.PointsReturned(**{"deficit": 0, **_movement(change, fields)})


def sent(change: int = -25, **fields: Any) -> points.PointsSent:
    return points.PointsSent(**_movement(change, fields))


def restored(change: int = 60, **fields: Any) -> points.PointsRestored:
    return points.PointsRestored(**_movement(change, fields))


def received(change: int = 25, **fields: Any) -> points.PointsReceived:
    return points.PointsReceived(**_movement(change, fields))


def reinstated(change: int = 20, **fields: Any) -> points.PointsReinstated:
    return points.PointsReinstated(**_movement(change, {"reason": "was ill", "expires_at": None} | fields))


def expiring(**fields: Any) -> points.PointsExpiring:
    given = {
        "notice_id": new_id(),
        "programme_id": PROGRAMME,
        "member_id": MEMBER,
        "points": 120,
        "days": 30,
        "expires_on": date(2026, 12, 23),
        "expires_at": NOON,
        "told_at": NOON,
    }
    return points.PointsExpiring(**given | fields)


def pending(points_: int = 40, **fields: Any) -> points.PointsPending:
    due = {"due_at": NOON + timedelta(days=14), "on_event": ""}
    return points.PointsPending(**due | _movement(0, {"points": points_} | fields))


def activated(change: int = 40, **fields: Any) -> points.PointsActivated:
    return points.PointsActivated(**{"pending_id": new_id(), "expires_at": None, **_movement(change, fields)})


def cancelled(points_: int = 40, **fields: Any) -> points.PointsCancelled:
    why = {"pending_id": new_id(), "reason": "deadline passed"}
    return points.PointsCancelled(**why | _movement(0, {"points": points_} | fields))


def captured(amount: int = 12000, *, at: datetime = NOON, **fields: Any) -> payments.PaymentCaptured:
    line = payments.Line(line_id="1", sku="shoe", category="shoes", quantity=1, amount=amount)
    given = {
        "payment_id": new_id(),
        "order_id": "order-1",
        "merchant_id": MERCHANT,
        "member_id": MEMBER,
        "amount": amount,
        "money_amount": amount,
        "currency": "EUR",
        "lines": [line],
        "tenders": [payments.Tender(type="wallet", amount=amount)],
        "captured_at": at,
    }
    return payments.PaymentCaptured(**given | fields)


def refunded(amount: int = 2000, *, at: datetime = NOON, **fields: Any) -> payments.PaymentRefunded:
    given = {
        "refund_id": new_id(),
        "payment_id": new_id(),
        "merchant_id": MERCHANT,
        "member_id": MEMBER,
        "amount": amount,
        "currency": "EUR",
        "refunded_total": amount,
        "captured_total": 12000,
        "lines": [payments.ReturnedLine(line_id="1", quantity=1, amount=amount)],
        "refunded_at": at,
    }
    return payments.PaymentRefunded(**given | fields)


def failed(amount: int = 700, *, at: datetime = NOON, **fields: Any) -> payments.PaymentFailed:
    given = {
        "payment_id": new_id(),
        "merchant_id": MERCHANT,
        "member_id": MEMBER,
        "amount": amount,
        "currency": "EUR",
        "code": "card_declined",
        "failed_at": at,
    }
    return payments.PaymentFailed(**given | fields)


def wallet_changed(amount: int = 20000, *, at: datetime = NOON, **fields: Any) -> payments.WalletChanged:
    given = {
        "entry_id": new_id(),
        "wallet_id": new_id(),
        "member_id": MEMBER,
        "kind": "topup",
        "amount": amount,
        "currency": "EUR",
        "balance": amount,
        "posted_at": at,
    }
    return payments.WalletChanged(**given | fields)


def merchant_created(**fields: Any) -> payments.MerchantCreated:
    return payments.MerchantCreated(**{"merchant_id": MERCHANT, "name": "Shoe shop", "created_at": NOON, **fields})


def programme_changed(**fields: Any) -> points.ProgrammeChanged:
    given = {
        "programme_id": PROGRAMME,
        "name": "Everyday",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "value_points": 100,
        "value_amount": 100,
        "changed_at": NOON,
    }
    return points.ProgrammeChanged(**given | fields)


def rule_changed(**fields: Any) -> rules.RuleChanged:
    given = {
        "programme_id": PROGRAMME,
        "version": 1,
        "starts_at": NOON,
        "ends_at": None,
        "rules": [
            rules.RuleName(id="base", name="1 point per 1.00", trigger="purchase", effect="1 point for each 1.00 EUR")
        ],
        "changed_at": NOON,
    }
    return rules.RuleChanged(**given | fields)


def event_recorded(**fields: Any) -> events.EventRecorded:
    given = {
        "id": new_id(),
        "programme_id": PROGRAMME,
        "merchant_id": None,
        "event_id": "review-1",
        "name": "review",
        "member_id": MEMBER,
        "points": 0,
        "transaction_id": None,
        "no_points_reason": "no_rules",
        "rules_version": None,
        "occurred_at": NOON,
        "recorded_at": NOON,
    }
    return events.EventRecorded(**given | fields)


def budget_alert(**fields: Any) -> budgets.BudgetAlert:
    given = {
        "programme_id": PROGRAMME,
        "budget_id": new_id(),
        "code": "spring",
        "name": "In spring",
        "of": "points",
        "most": 1_000,
        "used": 800,
        "alert_percent": 80,
        "period": "2026-03",
        "each": None,
        "reached_at": NOON,
    }
    return budgets.BudgetAlert(**given | fields)


def budget_changed(**fields: Any) -> budgets.BudgetChanged:
    given = {
        "programme_id": PROGRAMME,
        "budget_id": BUDGET,
        "code": "spring",
        "name": "In spring",
        "rule_id": None,
        "campaign_id": None,
        "of": "points",
        "most": 1_000,
        "per": "month",
        "each": None,
        "beyond": "trim",
        "value_points": None,
        "value_amount": None,
        "changed_at": NOON,
        "ended_at": None,
    }
    return budgets.BudgetChanged(**given | fields)


def use(change: int, *, period: str = "2026-11", each: UUID | None = None, **fields: Any) -> budgets.BudgetUse:
    given = {"budget_id": BUDGET, "period": period, "each": str(each) if each else None}
    return budgets.BudgetUse(**given | fields, change=change)


def budget_used(*uses: budgets.BudgetUse, at: datetime = NOON, **fields: Any) -> budgets.BudgetUsed:
    return budgets.BudgetUsed(**{"use_id": new_id(), "uses": list(uses), "posted_at": at} | fields)


def tier_changed(**fields: Any) -> tiers.TierChanged:
    given = {
        "programme_id": PROGRAMME,
        "member_id": MEMBER,
        "number": 1,
        "before": None,
        "after": "silver",
        "cause": "earned",
        "reference": None,
        "version": 1,
        "changed_at": NOON,
    }
    return tiers.TierChanged(**{"posted_at": fields.get("changed_at", NOON)} | given | fields)


def tiers_changed(*codes: str, **fields: Any) -> tiers.TiersChanged:
    """Return that a programme has these tiers, the lowest first: silver, gold and diamond where none is named."""
    given = {
        "programme_id": PROGRAMME,
        "version": 1,
        "metric": "points",
        "event": None,
        "field": None,
        "tiers": [
            tiers.TierTerms(code=code, name=code.title(), enter=100 * level, stay=90 * level)
            for level, code in enumerate(codes or ("silver", "gold", "diamond"), start=1)
        ],
        "changed_at": NOON,
        "changed_by": roles.OPERATOR.id,
    }
    return tiers.TiersChanged(**given | fields)


def digest(*changes: tiers.TierChanged) -> int:
    """Return what these changes come to in the totals of a day, as the contract says."""
    return sum(int.from_bytes(sha256(_said(one).encode()).digest()[:4]) for one in changes)


def _said(one: tiers.TierChanged) -> str:
    since_1970 = (one.changed_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return f"{one.member_id} {one.number} {one.before or ''} {one.after or ''} {since_1970}"


def tier_expiring(**fields: Any) -> tiers.TierExpiring:
    given = {
        "programme_id": PROGRAMME,
        "member_id": MEMBER,
        "tier": "silver",
        "projected": None,
        "missing": 40,
        "until": NOON,
        "grace_until": None,
    }
    return tiers.TierExpiring(**given | fields)


def campaign_changed(**fields: Any) -> vouchers.VoucherCampaignChanged:
    given = {"campaign_id": CAMPAIGN, "name": "Five off", "kind": "amount", "status": "active", "changed_at": NOON}
    return vouchers.VoucherCampaignChanged(**given | fields)


def voucher_issued(*, at: datetime = NOON, **fields: Any) -> vouchers.VoucherIssued:
    given = {"voucher_id": new_id(), "campaign_id": CAMPAIGN, "member_id": MEMBER, "price_points": 300, "issued_at": at}
    return vouchers.VoucherIssued(**given | fields)


def voucher_redeemed(*, at: datetime = NOON, **fields: Any) -> vouchers.VoucherRedeemed:
    given = {
        "redemption_id": new_id(),
        "voucher_id": new_id(),
        "campaign_id": CAMPAIGN,
        "member_id": MEMBER,
        "order_id": "order-1",
        "discount": 500,
        "currency": "EUR",
        "redeemed_at": at,
    }
    return vouchers.VoucherRedeemed(**given | fields)


def voucher_released(*, at: datetime = NOON, **fields: Any) -> vouchers.VoucherReleased:
    given = {
        "redemption_id": new_id(),
        "voucher_id": new_id(),
        "campaign_id": CAMPAIGN,
        "member_id": MEMBER,
        "released_at": at,
    }
    return vouchers.VoucherReleased(**given | fields)


def voucher_cancelled(*, at: datetime = NOON, **fields: Any) -> vouchers.VoucherCancelled:
    given = {"voucher_id": new_id(), "campaign_id": CAMPAIGN, "member_id": MEMBER, "price_points": 300}
    return vouchers.VoucherCancelled(**given | {"cancelled_at": at} | fields)


def user_registered(**fields: Any) -> auth.UserRegistered:
    given = {"user_id": MEMBER, "roles": ["member"], "merchant_id": None, "registered_at": NOON}
    return auth.UserRegistered(**given | fields)


def user_deactivated(**fields: Any) -> auth.UserDeactivated:
    return auth.UserDeactivated(**{"user_id": MEMBER, "deactivated_at": NOON, **fields})


def merchant_staff_changed(**fields: Any) -> auth.MerchantStaffChanged:
    given = {"user_id": MEMBER, "merchant_id": MERCHANT, "version": 1, "changed_at": NOON}
    return auth.MerchantStaffChanged(**given | fields)


def sessions_revoked(**fields: Any) -> auth.SessionsRevoked:
    return auth.SessionsRevoked(**{"user_id": MEMBER, "not_before": NOON, **fields})


def key_retired(**fields: Any) -> auth.SigningKeyRetired:
    return auth.SigningKeyRetired(**{"kid": "leaked", "retired_at": NOON, **fields})


def total(ledger: str, unit: object, kind: str, count: int, amount: int) -> totals.Total:
    return totals.Total(ledger=ledger, unit=str(unit), kind=kind, count=count, total=amount)


def day_totals(*found: totals.Total, service: str = "points", **fields: Any) -> totals.LedgerDayTotals:
    given = {"totals_id": new_id(), "day": DAY, "as_of": datetime(2026, 11, 24, tzinfo=UTC)}
    return totals.LedgerDayTotals(service=service, totals=list(found), **given | fields)


def clock_moved(number: int = 1) -> clock.ClockMoved:
    at = NOON + timedelta(days=1)
    return clock.ClockMoved(move_id=new_id(), number=number, at=NOON, target=at)


def one_of_each() -> list[Contract]:
    """Return one message of every kind that the warehouse hears."""
    return [
        user_registered(),
        user_deactivated(),
        merchant_staff_changed(),
        sessions_revoked(),
        key_retired(),
        merchant_created(),
        programme_changed(),
        rule_changed(),
        event_recorded(),
        budget_alert(),
        budget_changed(),
        budget_used(use(120), use(5, period="2026-11-23", budget_id=BUDGET)),
        tiers_changed(),
        tier_changed(),
        tier_expiring(),
        campaign_changed(),
        wallet_changed(),
        captured(),
        refunded(),
        failed(),
        earned_by_rules(by_rule(120)),
        redeemed(),
        expired(),
        adjusted(),
        returned_by_rules(by_rule(40)),
        restored(),
        sent(),
        received(),
        reinstated(),
        expiring(),
        pending(),
        activated(),
        cancelled(),
        clock_moved(),
        voucher_issued(),
        voucher_redeemed(),
        voucher_released(),
        voucher_cancelled(),
        day_totals(),
    ]
