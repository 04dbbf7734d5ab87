"""What a wallet is: pure."""

from uuid import UUID

from payments.ledger.rules import Transfer, clearing_account, move, wallet_account
from shared.ids import derived_id
from shared.money import Money

PROCESSING, SUCCEEDED, FAILED = "processing", "succeeded", "failed"


def wallet_id_of(member_id: UUID, currency: str) -> UUID:
    """Return the id of a member's wallet in a currency, whether it is there or not."""
    return derived_id("wallet", member_id, currency)


def topup_transfer(*, topup_id: UUID, wallet_id: UUID, money: Money) -> Transfer:
    """Return the posting of a top-up: the card network owes us more, and we the member."""
    clearing = clearing_account(money.currency, source_id=topup_id)
    legs = move(money, giver=clearing, taker=wallet_account(wallet_id, money.currency))
    return Transfer(topup_id, "topup", f"topup:{topup_id}", str(topup_id), legs)
