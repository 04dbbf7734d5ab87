"""Every refusal of vouchers."""

from http import HTTPStatus

from shared.errors import DomainError


class VoucherNotFound(DomainError):
    """No such code, somebody else's, or one that nobody has taken yet: one answer for all."""

    code = "vouchers.not_found"
    title = "Voucher not found"
    status = HTTPStatus.NOT_FOUND


class TooManyFailedAttempts(DomainError):
    """This account has named too many codes that are not its own; `Retry-After` says when to come back."""

    code = "vouchers.too_many_failed_attempts"
    title = "Too many failed attempts"
    status = HTTPStatus.TOO_MANY_REQUESTS
    retryable = True


class MoveNotAllowed(DomainError):
    """A campaign cannot go from its present status to the requested one; `status_now` and `requested` name both."""

    code = "vouchers.move_not_allowed"
    title = "The campaign cannot change to this status"


class CampaignFrozen(DomainError):
    """These `fields` can no longer be changed in the campaign's present status."""

    code = "vouchers.campaign_frozen"
    title = "The campaign's terms can no longer be changed"


class CampaignTermsInvalid(DomainError):
    """The campaign as changed would contradict itself; `field` names where."""

    code = "vouchers.campaign_terms_invalid"
    title = "The campaign's terms contradict each other"
    status = HTTPStatus.BAD_REQUEST


class TierUnknown(DomainError):
    """The campaign names tiers that its programme has not; `errors` says where."""

    code = "vouchers.tier_unknown"
    title = "The programme has no such tier"
    status = HTTPStatus.BAD_REQUEST


class LimitBelowUse(DomainError):
    """`uses_total` would be below what was `used` or `claimed` already."""

    code = "vouchers.limit_below_use"
    title = "The limit is below what was used already"


class CodeSpaceTooSmall(DomainError):
    """So many codes of this pattern could be guessed; `largest_count` is how many more it can carry."""

    code = "vouchers.code_space_too_small"
    title = "The pattern has too few possible codes"


class JobFinished(DomainError):
    """The code job has ended and cannot be cancelled; `state` says how."""

    code = "vouchers.job_finished"
    title = "The job has finished"


class CampaignNotActive(DomainError):
    """The campaign is paused, ended or not yet activated."""

    code = "vouchers.campaign_not_active"
    title = "The campaign is not active"


class NotStarted(DomainError):
    """The campaign begins at `starts_at`."""

    code = "vouchers.not_started"
    title = "The voucher is not valid yet"


class Expired(DomainError):
    """The campaign's time is over; the instant `ends_at` itself is too late."""

    code = "vouchers.expired"
    title = "The voucher has expired"


class TierRequired(DomainError):
    """The campaign is for members of some tiers, by the codes in `tiers`, and the member has none of them now."""

    code = "vouchers.tier_required"
    title = "The campaign is for members of other tiers"


class SoldOut(DomainError):
    """No code of the campaign is left to take."""

    code = "vouchers.sold_out"
    title = "No voucher is left"


class MemberLimitReached(DomainError):
    """The member has had as many of this campaign as one member may; `limit` is how many."""

    code = "vouchers.member_limit_reached"
    title = "The limit for one member is reached"


class CampaignUsedUp(DomainError):
    """The campaign was used as often as it may be in all; `limit` is how often."""

    code = "vouchers.campaign_used_up"
    title = "The campaign is used up"


class CampaignBudgetUsedUp(DomainError):
    """The campaign may take no so much off now, here or for this member: what its budgets have left is less."""

    code = "vouchers.budget_used_up"
    title = "The campaign's budget is used up"


class VoucherUsedUp(DomainError):
    """This code was used as often as it may be; `limit` is how often."""

    code = "vouchers.used_up"
    title = "The voucher is used up"


class CurrencyMismatch(DomainError):
    """The order is in another currency than the campaign; `currency` is the campaign's."""

    code = "vouchers.currency_mismatch"
    title = "The voucher is for another currency"


class MinSpendNotReached(DomainError):
    """The order is smaller than `min_spend`."""

    code = "vouchers.min_spend_not_reached"
    title = "The order is too small for this voucher"


class NoDiscount(DomainError):
    """The voucher would take nothing off this order, so no use is spent on it."""

    code = "vouchers.no_discount"
    title = "The voucher takes nothing off this order"


class AlreadyOnOrder(DomainError):
    """This voucher already counts on this order."""

    code = "vouchers.already_on_order"
    title = "The voucher is already used on this order"


class AlreadyRolledBack(DomainError):
    """The redemption was rolled back before; its use was given back then, once."""

    code = "vouchers.already_rolled_back"
    title = "The redemption is already rolled back"


class NotStackable(DomainError):
    """This voucher is exclusive and others count on the order, or an exclusive one counts on it already; the order's
    merchant and operators are told which redemptions (`redemption_ids`)."""

    code = "vouchers.not_stackable"
    title = "The vouchers cannot be combined"


class OrderChanged(DomainError):
    """Vouchers count on this order, which cost something else then: roll these back, or send the order as it was. The
    order's merchant and operators are told which redemptions (`redemption_ids`)."""

    code = "vouchers.order_changed"
    title = "The order changed since a voucher was used on it"


class OrderPaid(DomainError):
    """A payment used the redemption's order; who redeemed for its merchant, or an operator, can roll it back."""

    code = "vouchers.order_paid"
    title = "The order was paid with this discount"


class VoucherCancelled(DomainError):
    """The voucher was given back for its price, once and for good."""

    code = "vouchers.cancelled"
    title = "The voucher was cancelled"


class VoucherNotBought(DomainError):
    """The voucher cost no points, so that there is no price to give back."""

    code = "vouchers.not_bought"
    title = "The voucher was not bought"


class VoucherUsed(DomainError):
    """The voucher counts on an order, so its price is not given back; rolled back there, it can be cancelled."""

    code = "vouchers.used"
    title = "The voucher was used"


class ReleasedRecently(DomainError):
    """The member took this voucher off an order a moment ago, whose payment may be under way; `Retry-After` says when
    it can be taken off another, or cancelled."""

    code = "vouchers.released_recently"
    title = "The voucher was released a moment ago"
    status = HTTPStatus.TOO_MANY_REQUESTS
    retryable = True
