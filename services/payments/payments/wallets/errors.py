"""What wallets refuse."""

from http import HTTPStatus

from shared.errors import DomainError


class WrongCurrency(DomainError):
    """The amount is in another currency than the wallet."""

    code = "wallets.wrong_currency"
    title = "The wallet has another currency"
    status = HTTPStatus.BAD_REQUEST
