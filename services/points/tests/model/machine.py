"""A ledger and the reference model side by side: they must agree, and every invariant hold, after each step."""

from random import Random
from typing import Any, ClassVar, Protocol

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.model.reference import Reference
from tests.model.strategies import Command, next_command
from tests.model.world import ACCOUNTS, ANYTHING, Outcome, Where


class Ledger(Protocol):
    """What is tested: the rules on values, or the operations on a database."""

    def do(self, operation: str, **command: Any) -> Outcome: ...

    def state(self, where: Where) -> dict[str, Any]: ...

    def expired(self, where: Where) -> list[int]:
        """What is left to give back of each expiry of an account, the oldest first, after the jobs have run."""

    def prove(self) -> None: ...


class Pair:
    """The same commands for a ledger and for the reference model."""

    def __init__(self, ledger: Ledger) -> None:
        self.reference, self.ledger = Reference(), ledger

    def step(self, operation: str, command: Command, *, is_proven: bool = True) -> None:
        """Carry out a command on both sides and compare the answers, then all balances, and prove the ledger."""
        if operation == "reinstate":
            command = command | {"expired": self.ledger.expired(command["where"])}
        expected, found = self.reference.do(operation, **command), self.ledger.do(operation, **command)
        assert found == expected or expected == ANYTHING, (operation, command, found, expected)
        for where in ACCOUNTS:
            expects, has = self.reference.state(where), self.ledger.state(where)
            # What it says nothing of, because it has not noticed yet what is due.
            has |= {name: expects[name] for name, value in has.items() if value is None}
            assert has == expects, (operation, command, where, has, expects)
        if is_proven:
            self.ledger.prove()


def play(ledger: Ledger, *, steps: int, seed: int, proof_every: int = 1) -> None:
    """Play one run of so many steps, with a proof after each, or one of so many and the last; the same seed plays the
    same."""
    pair, dice = Pair(ledger), Random(seed)
    for left in reversed(range(steps)):
        pair.step(*next_command(dice.getrandbits(32), pair.reference), is_proven=left % proof_every == 0)


class LedgerMachine(RuleBasedStateMachine):
    """The pair as a state machine of Hypothesis, which shortens what it finds; each number stands for a command."""

    make_ledger: ClassVar[type[Ledger]]

    @initialize()
    def begin(self) -> None:
        self.pair = Pair(self.make_ledger())

    @rule(number=st.integers(0, 2**32 - 1))
    def step(self, number: int) -> None:
        operation, command = next_command(number, self.pair.reference)
        note(f"{operation} {command}")
        self.pair.step(operation, command)
