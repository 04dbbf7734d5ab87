"""What payments says. Amounts are minor units of `currency`."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.contracts.base import Contract

Metadata = dict[str, str | int | bool]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order: what was bought and what it cost in all (`amount` = quantity × unit price)."""

    line_id: str
    sku: str
    category: str
    brand: str = ""
    quantity: int
    amount: int
    metadata: Metadata = {}


class ReturnedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one line a refund takes back; both count this refund only."""

    line_id: str
    quantity: int
    amount: int


class Tender(msgspec.Struct, frozen=True, kw_only=True):
    """One means of payment and its part of the amount."""

    type: str
    amount: int


class MerchantCreated(Contract, frozen=True, kw_only=True):
    """A merchant can be paid now."""

    NAME = "merchant_created"
    PRODUCER = "payments"

    merchant_id: UUID
    name: str
    created_at: datetime


class WalletChanged(Contract, frozen=True, kw_only=True):
    """An entry was posted to a member's wallet; `amount` is signed, `balance` is after it."""

    NAME = "wallet_changed"
    PRODUCER = "payments"

    entry_id: UUID
    wallet_id: UUID
    member_id: UUID
    kind: str
    amount: int
    currency: str
    balance: int
    posted_at: datetime


class PaymentCaptured(Contract, frozen=True, kw_only=True):
    """A payment was taken. `money_amount` is the part paid in money, which is what earns points. `lines_by` says whose
    word the lines, the channel, the store and the metadata are: the merchant's, or only the member's who paid."""

    NAME = "payment_captured"
    PRODUCER = "payments"

    payment_id: UUID
    order_id: str
    merchant_id: UUID
    member_id: UUID
    amount: int
    money_amount: int
    currency: str
    lines: list[Line]
    tenders: list[Tender]
    captured_at: datetime
    channel: str = ""
    store: str = ""
    metadata: Metadata = {}
    lines_by: Literal["member", "merchant"] = "member"


class PaymentRefunded(Contract, frozen=True, kw_only=True):
    """Part or all of a payment was given back; `refunded_total` is over all refunds of it so far."""

    NAME = "payment_refunded"
    PRODUCER = "payments"

    refund_id: UUID
    payment_id: UUID
    merchant_id: UUID
    member_id: UUID
    amount: int
    currency: str
    refunded_total: int
    captured_total: int
    lines: list[ReturnedLine]
    refunded_at: datetime


class PaymentFailed(Contract, frozen=True, kw_only=True):
    """An attempt to pay was refused; `code` says why (for example `card_declined`)."""

    NAME = "payment_failed"
    PRODUCER = "payments"

    payment_id: UUID
    merchant_id: UUID
    member_id: UUID
    amount: int
    currency: str
    code: str
    failed_at: datetime
