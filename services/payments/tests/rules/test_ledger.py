from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.ledger.errors import InsufficientFunds
from payments.ledger.rules import (
    AccountKey,
    AccountState,
    Transfer,
    clearing_account,
    decide,
    merchant_account,
    move,
    wallet_account,
)
from shared.money import Money

WALLET = wallet_account(UUID(int=1), "EUR")
OTHER_WALLET = wallet_account(UUID(int=2), "EUR")
SHOP = merchant_account(UUID(int=3), "EUR", payment_id=UUID(int=5))
CLEARING = clearing_account("EUR", source_id=UUID(int=7))
ACCOUNTS = (WALLET, OTHER_WALLET, SHOP, CLEARING)


def transfer(number: int, giver: AccountKey, taker: AccountKey, amount: int) -> Transfer:
    legs = move(Money(amount, "EUR"), giver=giver, taker=taker)
    return Transfer(UUID(int=number), "payment", f"payment:{number}", "", legs)


def states(wallet: int = 0) -> dict[AccountKey, AccountState]:
    found = {key: AccountState(position, 0, 0) for position, key in enumerate(ACCOUNTS)}
    return found | {WALLET: AccountState(0, wallet, 3)}


def test_an_entry_continues_its_accounts_chain():
    taken, given = decide([transfer(1, WALLET, SHOP, 40)], states(wallet=100))

    assert (taken.amount, taken.balance_after, taken.version) == (-40, 60, 4)
    assert (given.amount, given.balance_after, given.version) == (40, 40, 1)


def test_the_last_cent_can_be_spent():
    assert decide([transfer(1, WALLET, SHOP, 100)], states(wallet=100))[0].balance_after == 0


def test_a_cent_more_than_there_is_is_refused_with_both_amounts():
    with pytest.raises(InsufficientFunds) as refusal:
        decide([transfer(1, WALLET, SHOP, 101)], states(wallet=100))

    assert refusal.value.members == {
        "available": {"amount": 100, "currency": "EUR"},
        "requested": {"amount": 101, "currency": "EUR"},
    }


def test_transfers_of_one_list_see_each_other():
    with pytest.raises(InsufficientFunds):
        decide([transfer(1, WALLET, SHOP, 60), transfer(2, WALLET, SHOP, 60)], states(wallet=100))


def test_only_a_wallet_has_a_floor():
    assert decide([transfer(1, CLEARING, WALLET, 70)], states())[0].balance_after == -70


def test_shards_are_chosen_by_the_payment():
    shards = {merchant_account(UUID(int=3), "EUR", payment_id=UUID(int=n)).shard for n in range(64)}

    assert shards == set(range(16))


def test_a_transfer_that_makes_money_is_our_own_mistake():
    unbalanced = transfer(1, WALLET, SHOP, 10)
    unbalanced = Transfer(unbalanced.id, "payment", "", "", (unbalanced.legs[1],))

    with pytest.raises(AssertionError, match="neither makes nor loses"):
        decide([unbalanced], states(wallet=100))


moves = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(1, 200))


@given(st.lists(moves.filter(lambda command: command[0] != command[1]), max_size=20))
def test_money_is_never_made_or_lost_and_no_wallet_goes_below_zero(commands):
    transfers = [transfer(number, *command) for number, command in enumerate(commands)]
    try:
        entries = decide(transfers, states(wallet=500))
    except InsufficientFunds:
        return

    assert sum(entry.amount for entry in entries) == 0
    assert all(entry.balance_after >= 0 for entry in entries if entry.account in (WALLET, OTHER_WALLET))
    last = {entry.account: entry.balance_after for entry in entries}
    assert sum(last.values()) + (0 if WALLET in last else 500) == 500
