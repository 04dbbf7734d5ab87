"""Every refusal of the ledger."""

from http import HTTPStatus

from shared.errors import DomainError


class InsufficientPoints(DomainError):
    """The member has fewer points that can be spent now than the request needs; nothing is ever spent in part."""

    code = "points.insufficient"
    title = "Not enough points"


class NothingToExpire(DomainError):
    """The lot is empty, or its time has not come."""

    code = "points.nothing_to_expire"
    title = "Nothing to expire"


class SourceKeyReused(DomainError):
    """The posting's key was used before for another posting (other member, kind or points)."""

    code = "points.key_reused"
    title = "The key belongs to another posting"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TransactionNotFound(DomainError):
    """No transaction has this id, or it is another member's."""

    code = "points.transaction_not_found"
    title = "Transaction not found"
    status = HTTPStatus.NOT_FOUND


class AlreadyReversed(DomainError):
    """The transaction was reversed before; once is all."""

    code = "points.already_reversed"
    title = "It was reversed before"


class NotReversible(DomainError):
    """Only what was earned (not what was cancelled while it was pending), redeemed or adjusted can be reversed.

    A purchase is undone by its refund.
    """

    code = "points.not_reversible"
    title = "The transaction cannot be reversed"


class BalanceTooLarge(DomainError):
    """The account would hold more points than the ledger can count."""

    code = "points.balance_too_large"
    title = "The balance would be too large"


class HoldNotFound(DomainError):
    """No hold has this id, or it is another member's."""

    code = "points.hold_not_found"
    title = "Hold not found"
    status = HTTPStatus.NOT_FOUND


class HoldNotOpen(DomainError):
    """The hold was captured, voided or expired before (`state` says which); the first of these is for good."""

    code = "points.hold_not_open"
    title = "The hold is not open"


class CaptureTooLarge(DomainError):
    """More would be captured than the hold set aside."""

    code = "points.capture_too_large"
    title = "The hold has fewer points"


class PendingNotFound(DomainError):
    """No pending points have this id, or they are another member's."""

    code = "points.pending_not_found"
    title = "Pending points not found"
    status = HTTPStatus.NOT_FOUND


class PendingNotOpen(DomainError):
    """The points were activated or cancelled before (`state` says which), or their time has come; once is for good."""

    code = "points.pending_not_open"
    title = "The points are not pending"


class EndsBeforeActivation(DomainError):
    """The points would end before they can be spent: `expires_at` is not after `activates_at`."""

    code = "points.ends_before_activation"
    title = "The points would end before they are activated"


class TransferToOneself(DomainError):
    """Both sides of the transfer are one member."""

    code = "points.transfer_to_oneself"
    title = "Nobody transfers points to themselves"


class NothingSent(DomainError):
    """The sending side of a transfer was refused, so nothing arrives."""

    code = "points.nothing_sent"
    title = "Nothing was sent"


class MemberMerged(DomainError):
    """The member was merged into another (`merged_into`), whose their points are now; nothing is posted to them."""

    code = "points.member_merged"
    title = "The member was merged into another"


class MergeWithOneself(DomainError):
    """Both sides of the merge are one member."""

    code = "points.merge_with_oneself"
    title = "Nobody is merged into themselves"


class HoldsOpen(DomainError):
    """Points of the member are set aside (`holds` names up to 100): close them first, or say `void_holds`."""

    code = "points.holds_open"
    title = "Points of the member are set aside"


class MergeNotFound(DomainError):
    """No merge has this id."""

    code = "points.merge_not_found"
    title = "Merge not found"
    status = HTTPStatus.NOT_FOUND


class NothingTaken(DomainError):
    """All that the return asks back was forgiven, so nothing moves."""

    code = "points.nothing_taken"
    title = "Nothing was taken back"


class PaysPurchase(DomainError):
    """The redemption paid for a `purchase`, whose return gives the points back: a reversal would give them twice."""

    code = "points.pays_purchase"
    title = "The points come back with the return of their purchase"


class PaysVoucher(DomainError):
    """The redemption is the price of a `voucher`, whose cancellation gives the points back while it is unused."""

    code = "points.pays_voucher"
    title = "The points come back with the cancellation of their voucher"


class ApprovalNeeded(DomainError):
    """With this the person would have moved more points by hand today than the programme's `limit`: it is to be asked
    for alone, and approved by a second person."""

    code = "points.approval_needed"
    title = "A second person must approve"


class AmountTooLarge(DomainError):
    """The purchase costs more than the programme's `max_amount` (`limit`, in minor units)."""

    code = "points.amount_too_large"
    title = "The programme takes no purchase as large"


class TooManyPoints(DomainError):
    """It would earn more than the programme's `max_points_per_purchase` (`limit`) at once."""

    code = "points.too_many"
    title = "The programme gives fewer points at once"


class PurchaseTooOld(DomainError):
    """It occurred longer ago than the programme's `max_purchase_age_days`: before `earliest`."""

    code = "points.too_old"
    title = "It occurred too long ago"
