"""The whole conversation: each message and who listens to it."""

from shared.contracts import auth, budgets, clock, events, payments, points, rules, tiers, totals, vouchers
from shared.contracts.base import Contract

SERVICES = ("auth", "points", "payments", "warehouse")

ROUTES: dict[type[Contract], tuple[str, ...]] = {
    auth.UserRegistered: ("points", "payments", "warehouse"),
    auth.UserDeactivated: ("points", "payments", "warehouse"),
    auth.MerchantStaffChanged: ("points", "warehouse"),
    auth.SessionsRevoked: ("auth", "points", "payments", "warehouse"),
    auth.SigningKeyRetired: ("points", "payments", "warehouse"),
    payments.MerchantCreated: ("auth", "warehouse"),
    payments.WalletChanged: ("warehouse",),
    payments.PaymentCaptured: ("points", "warehouse"),
    payments.PaymentRefunded: ("points", "warehouse"),
    payments.PaymentFailed: ("warehouse",),
    points.ProgrammeChanged: ("warehouse",),
    rules.RuleChanged: ("warehouse",),
    events.EventRecorded: ("warehouse",),
    budgets.BudgetAlert: ("warehouse",),
    tiers.TierChanged: ("warehouse",),
    vouchers.VoucherCampaignChanged: ("warehouse",),
    points.PointsEarned: ("warehouse",),
    points.PointsRedeemed: ("warehouse",),
    points.PointsExpired: ("warehouse",),
    points.PointsAdjusted: ("warehouse",),
    points.PointsReturned: ("warehouse",),
    points.PointsRestored: ("warehouse",),
    points.PointsSent: ("warehouse",),
    points.PointsReceived: ("warehouse",),
    points.PointsReinstated: ("warehouse",),
    points.PointsExpiring: ("warehouse",),
    points.PointsPending: ("warehouse",),
    points.PointsActivated: ("warehouse",),
    points.PointsCancelled: ("warehouse",),
    points.GenerateCodes: ("points",),
    points.ImportRows: ("points",),
    points.ExpireLots: ("points",),
    rules.BacktestPurchases: ("points",),
    vouchers.VoucherIssued: ("warehouse",),
    vouchers.VoucherRedeemed: ("warehouse",),
    vouchers.VoucherReleased: ("warehouse",),
    vouchers.VoucherCancelled: ("warehouse",),
    totals.LedgerDayTotals: ("warehouse",),
    clock.ClockMoved: SERVICES,
    clock.ClockReached: ("payments",),
}
