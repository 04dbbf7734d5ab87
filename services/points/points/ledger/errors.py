"""Every refusal of the ledger."""

from http import HTTPStatus

from shared.errors import DomainError


class InsufficientPoints(DomainError):
    """The member has fewer points that can be spent now than the wish needs; nothing is ever spent in part."""

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
    title = "The transaction was reversed before"


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


class PurchaseNotFound(DomainError):
    """No purchase has this id, or it is another member's or merchant's."""

    code = "points.purchase_not_found"
    title = "Purchase not found"
    status = HTTPStatus.NOT_FOUND


class PurchaseIdReused(DomainError):
    """The merchant told another purchase by this `purchase_id` before."""

    code = "points.purchase_id_reused"
    title = "The purchase_id belongs to another purchase"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ReturnIdReused(DomainError):
    """The purchase has another return by this `return_id`."""

    code = "points.return_id_reused"
    title = "The return_id belongs to another return"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class CurrencyMismatch(DomainError):
    """The money is not in the `currency` of the programme."""

    code = "points.currency_mismatch"
    title = "The programme has another currency"


class RedemptionNotUsable(DomainError):
    """The redemption cannot pay for a purchase (`reason`: it is none, was reversed, or pays for something else)."""

    code = "points.redemption_not_usable"
    title = "The redemption cannot pay for the purchase"


class PaysPurchase(DomainError):
    """The redemption paid for a `purchase`, whose return gives the points back: a reversal would give them twice."""

    code = "points.pays_purchase"
    title = "The points come back with the return of their purchase"


class PaysVoucher(DomainError):
    """The redemption is the price of a `voucher`, whose cancellation gives the points back while it is unused."""

    code = "points.pays_voucher"
    title = "The points come back with the cancellation of their voucher"


class LineUnknown(DomainError):
    """The purchase has no line of this `line_id`."""

    code = "points.line_unknown"
    title = "The purchase has no such line"


class ReturnTooLarge(DomainError):
    """More would come back than is left of the purchase, or of its line (`requested`, `returnable`)."""

    code = "points.return_too_large"
    title = "The purchase has less to return"


class NothingToReturn(DomainError):
    """Nothing of the purchase is left to return: it came back whole before, or it never had a price."""

    code = "points.nothing_to_return"
    title = "The purchase has nothing left to return"


class PurchaseOfPayment(DomainError):
    """The purchase is a payment's: refunding the payment returns it."""

    code = "points.purchase_of_payment"
    title = "The refund of its payment returns this purchase"


class ApprovalNeeded(DomainError):
    """The adjustment is above the programme's `limit`: it is to be asked for alone, and approved by a second person."""

    code = "points.approval_needed"
    title = "A second person must approve"


class AdjustmentNotFound(DomainError):
    """No adjustment that waits or waited for a second person has this id."""

    code = "points.adjustment_not_found"
    title = "Adjustment not found"
    status = HTTPStatus.NOT_FOUND


class SamePerson(DomainError):
    """Whoever asked for an adjustment cannot decide it."""

    code = "points.same_person"
    title = "Another person must decide"


class AdjustmentDecided(DomainError):
    """The adjustment was approved or rejected before (`state` says which)."""

    code = "points.adjustment_decided"
    title = "The adjustment was decided before"


class NotAnExpiry(DomainError):
    """Only points of a transaction that expired them can be reinstated (`kind` says what this one is)."""

    code = "points.not_an_expiry"
    title = "The transaction expired no points"


class ReinstatementTooLarge(DomainError):
    """Fewer points of the expiry are left to reinstate (`reinstatable`)."""

    code = "points.reinstatement_too_large"
    title = "Fewer points expired"


class ReinstatementInPast(DomainError):
    """The last day of the reinstated points has passed in the programme's time zone (`today` is the earliest)."""

    code = "points.reinstatement_in_past"
    title = "The points would have ended"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ExpiryRunNotFound(DomainError):
    """No expiry run has this id."""

    code = "points.expiry_run_not_found"
    title = "Expiry run not found"
    status = HTTPStatus.NOT_FOUND


class ExpiryRunFinished(DomainError):
    """The expiry run has ended and cannot be cancelled; `state` says how."""

    code = "points.expiry_run_finished"
    title = "The expiry run has finished"


class ExpiryInFuture(DomainError):
    """Points that are alive would end early: `as_of` is later than `now`."""

    code = "points.expiry_in_future"
    title = "The points have not ended yet"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
