"""Every refusal of purchases and their returns."""

from http import HTTPStatus

from shared.errors import DomainError


class PurchaseNotFound(DomainError):
    """No purchase has this id, or it is another member's or merchant's."""

    code = "points.purchase_not_found"
    title = "Purchase not found"
    status = HTTPStatus.NOT_FOUND


class PurchaseIdReused(DomainError):
    """The merchant recorded another purchase by this `purchase_id` before."""

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


class OrderEarned(DomainError):
    """The merchant's order has earned already: by its payment, or by a purchase in another programme."""

    code = "points.order_earned"
    title = "The order has earned already"
