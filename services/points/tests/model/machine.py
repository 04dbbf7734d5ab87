"""A ledger and the clerk side by side: they must agree, and every law hold, after each step."""

from random import Random
from typing import Any, ClassVar, Protocol

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.model.clerk import Clerk
from tests.model.wishes import Wish, next_wish
from tests.model.world import ACCOUNTS, ANYTHING, Outcome, Where


class Ledger(Protocol):
    """What is tested: the rules on values, or the operations on a database."""

    def do(self, operation: str, **wish: Any) -> Outcome: ...

    def state(self, where: Where) -> dict[str, Any]: ...

    def expired(self, where: Where) -> list[int]:
        """What is left to give back of each expiry of an account, the oldest first, after the jobs have run."""

    def prove(self) -> None: ...


class Pair:
    """The same wishes for a ledger and for the clerk."""

    def __init__(self, ledger: Ledger) -> None:
        self.clerk, self.ledger = Clerk(), ledger

    def step(self, operation: str, wish: Wish) -> None:
        """Carry out a wish on both sides and compare the answers, then all balances, and prove the ledger."""
        if operation == "reinstate":
            wish = wish | {"expired": self.ledger.expired(wish["where"])}
        expected, found = self.clerk.do(operation, **wish), self.ledger.do(operation, **wish)
        assert found == expected or expected == ANYTHING, (operation, wish, found, expected)
        for where in ACCOUNTS:
            expects, has = self.clerk.state(where), self.ledger.state(where)
            # What it says nothing of, because it has not noticed yet what is due.
            has |= {name: expects[name] for name, value in has.items() if value is None}
            assert has == expects, (operation, wish, where, has, expects)
        self.ledger.prove()


def play(ledger: Ledger, *, steps: int, seed: int) -> None:
    """Play one run of so many steps; the same seed plays the same."""
    pair, dice = Pair(ledger), Random(seed)
    for _ in range(steps):
        pair.step(*next_wish(dice.getrandbits(32), pair.clerk))


class LedgerMachine(RuleBasedStateMachine):
    """The pair as a state machine of Hypothesis, which shortens what it finds; each number stands for a wish."""

    make_ledger: ClassVar[type[Ledger]]

    @initialize()
    def begin(self) -> None:
        self.pair = Pair(self.make_ledger())

    @rule(number=st.integers(0, 2**32 - 1))
    def step(self, number: int) -> None:
        operation, wish = next_wish(number, self.pair.clerk)
        note(f"{operation} {wish}")
        self.pair.step(operation, wish)
