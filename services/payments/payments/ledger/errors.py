"""What the ledger refuses."""

from shared.errors import DomainError


class InsufficientFunds(DomainError):
    """The wallet holds less than is to be taken from it; nothing was written."""

    code = "wallets.insufficient_funds"
    title = "Not enough money in the wallet"
