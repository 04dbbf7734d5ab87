"""What payment intents and refunds refuse."""

from http import HTTPStatus

from shared.errors import DomainError


class MerchantUnknown(DomainError):
    """Nobody with this id can be paid."""

    code = "payments.merchant_unknown"
    title = "There is no such merchant"
    status = HTTPStatus.NOT_FOUND


class OrderAlreadyPaidFor(DomainError):
    """This order of the merchant is paid or being paid, by the intent `intent_id` where that is the caller's own."""

    code = "payments.order_has_intent"
    title = "The order is paid or being paid"


class LinesMismatch(DomainError):
    """The lines do not add up to the amount."""

    code = "payments.lines_mismatch"
    title = "The lines do not add up to the amount"
    status = HTTPStatus.BAD_REQUEST


class TenderMismatch(DomainError):
    """The tender is not the whole amount."""

    code = "payments.tender_mismatch"
    title = "The tender is not the whole amount"
    status = HTTPStatus.BAD_REQUEST


class CardRequired(DomainError):
    """A card tender is confirmed without a card: its number is never kept, so it comes with the confirmation."""

    code = "payments.card_required"
    title = "The card is needed to confirm"
    status = HTTPStatus.BAD_REQUEST


class TenderRequired(DomainError):
    """The merchant made the intent, and its member has not said yet how it is paid."""

    code = "payments.tender_required"
    title = "The tender is needed to confirm"
    status = HTTPStatus.BAD_REQUEST


class CaptureMethodNotSupported(DomainError):
    """Only automatic capture is offered."""

    code = "payments.capture_method_not_supported"
    title = "This capture method is not supported"
    status = HTTPStatus.BAD_REQUEST


class NotAllowedNow(DomainError):
    """The intent's state does not allow this; `intent_status` says which it is."""

    code = "payments.intent_state"
    title = "The intent's state does not allow this"


class NothingToRefund(DomainError):
    """Nothing was paid, or all of it was given back."""

    code = "refunds.nothing_left"
    title = "There is nothing left to refund"


class UnknownLine(DomainError):
    """The payment has no line with this id."""

    code = "refunds.unknown_line"
    title = "The payment has no such line"
    status = HTTPStatus.BAD_REQUEST


class RefundExceedsLine(DomainError):
    """More of a line is to be given back than is left of it."""

    code = "refunds.exceeds_line"
    title = "The refund exceeds what is left of a line"


class RefundExceedsPayment(DomainError):
    """More is to be given back than is left of the payment."""

    code = "refunds.exceeds_payment"
    title = "The refund exceeds what is left of the payment"


class RefundCurrency(DomainError):
    """The amount is in another currency than the payment."""

    code = "refunds.wrong_currency"
    title = "The payment has another currency"
    status = HTTPStatus.BAD_REQUEST


class RefundMismatch(DomainError):
    """The amount named is not what the named lines come to."""

    code = "refunds.lines_mismatch"
    title = "The amount is not what the lines come to"
    status = HTTPStatus.BAD_REQUEST


class RefundRefused(DomainError):
    """The card network did not take the refund; the money stays with the merchant."""

    code = "refunds.refused"
    title = "The card network refused the refund"
