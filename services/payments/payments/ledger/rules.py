"""How money may move: pure decisions over accounts and transfers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from payments.ledger.errors import InsufficientFunds
from shared.ids import derived_id
from shared.money import Money

KINDS = ("topup", "payment", "refund")
WALLET, MERCHANT_PENDING, CLEARING = "wallet", "merchant_pending", "clearing"
# The owner of accounts that are the house's own.
HOUSE = UUID(int=0)
# Only a wallet is watched against a floor: a floor costs the account its shards.
FLOORS: Mapping[str, int] = {WALLET: 0}
SHARDS = 16


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Which account: what it is for, whose, in which currency, and which shard of it."""

    kind: str
    owner_id: UUID
    currency: str
    shard: int = 0

    @property
    def floor(self) -> int | None:
        """Return the balance it may not go under."""
        return FLOORS.get(self.kind)


@dataclass(frozen=True, slots=True)
class Leg:
    """A signed change of one account."""

    account: AccountKey
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement of money to post: its legs add up to zero; the source key names it for ever."""

    id: UUID
    kind: str
    source_key: str
    reference: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as it was read under its lock."""

    id: int
    balance: int
    version: int


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry to be written, or just written."""

    transaction_id: UUID
    account: AccountKey
    account_id: int
    version: int
    amount: int
    balance_after: int

    @property
    def id(self) -> UUID:
        """Return the entry's public id."""
        return entry_id(self.account_id, self.version)


def entry_id(account_id: int, version: int) -> UUID:
    """Return the public id of an account's entry: always the same one."""
    return derived_id("entry", account_id, version)


def wallet_account(wallet_id: UUID, currency: str) -> AccountKey:
    """Return the account of a wallet."""
    return AccountKey(WALLET, wallet_id, currency)


def merchant_account(merchant_id: UUID, currency: str, *, payment_id: UUID) -> AccountKey:
    """Return the shard of a merchant's account that a payment uses, its refunds too."""
    return AccountKey(MERCHANT_PENDING, merchant_id, currency, payment_id.int % SHARDS)


def clearing_account(currency: str, *, source_id: UUID) -> AccountKey:
    """Return the shard of the account that stands against the card network's money."""
    return AccountKey(CLEARING, HOUSE, currency, source_id.int % SHARDS)


def move(money: Money, *, giver: AccountKey, taker: AccountKey) -> tuple[Leg, Leg]:
    """Return the two legs that take an amount from one account and give it to another."""
    assert money.amount > 0
    return Leg(giver, -money.amount), Leg(taker, money.amount)


def decide(transfers: Sequence[Transfer], accounts: Mapping[AccountKey, AccountState]) -> list[Posted]:
    """Decide the entries of all transfers, in their order; all of them or none.

    :raises InsufficientFunds: a leg would take an account under its floor. Giving to an account is
        never refused.
    """
    states = dict(accounts)
    return [_decide_leg(transfer, leg, states) for transfer in transfers for leg in _balanced(transfer)]


def _balanced(transfer: Transfer) -> tuple[Leg, ...]:
    sums: dict[str, int] = defaultdict(int)
    for leg in transfer.legs:
        assert leg.amount, "a leg moves something"
        sums[leg.account.currency] += leg.amount
    assert transfer.legs, "a transfer moves something"
    assert not any(sums.values()), "a transfer neither makes nor loses money"
    return transfer.legs


def _decide_leg(transfer: Transfer, leg: Leg, states: dict[AccountKey, AccountState]) -> Posted:
    key, before = leg.account, states[leg.account]
    after = AccountState(before.id, before.balance + leg.amount, before.version + 1)
    if leg.amount < 0 and key.floor is not None and after.balance < key.floor:
        raise InsufficientFunds(
            available=Money(before.balance - key.floor, key.currency).json(),
            requested=Money(-leg.amount, key.currency).json(),
        )
    states[key] = after
    return Posted(transfer.id, key, after.id, after.version, leg.amount, after.balance)
