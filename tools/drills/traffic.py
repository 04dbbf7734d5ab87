"""Members who pay, are given points and spend them, each in a thread, through the gateway only."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from tools.drills.people import Member, People
from tools.drills.tally import Tally

# Requests that each member makes in a second, between answers.
RATE = 4.0
# What a customer does, and how often compared with the rest.
ACTS: Mapping[str, int] = {"pays": 5, "is_given": 2, "redeems": 2, "returns": 2}


def pay(member: Member, merchant: str, amount: int, tally: Tally) -> str:
    """Pay from the wallet and return the payment's id."""
    line = {"line_id": "book", "sku": "book", "category": "books", "quantity": 1, "unit_amount": amount}
    price: dict[str, Any] = {"amount": {"amount": amount, "currency": "EUR"}, "lines": [line]}
    order = {"merchant_id": merchant, "order_id": str(uuid4()), "tenders": [{"type": "wallet"}], "confirm": True}
    paid = member.client.post("payments/intents", {**price, **order})
    tally.paid(member.id, amount)
    return str(paid["id"])


def redeem(member: Member, points: int, tally: Tally) -> str:
    """Spend points and return the transaction's id."""
    spent = member.client.post("points/redemptions", {"points": points, "reason": "a drill"})
    tally.redeemed(member.id, points)
    return str(spent["id"])


def refund(people: People, member: Member, payment: str, amount: int, tally: Tally) -> None:
    """Give a whole payment back."""
    people.operator.post(f"payments/intents/{payment}/refunds", {"reason": "a drill"})
    tally.refunded(member.id, amount)


@dataclass
class Customer:
    """One member's thread: what it does is decided by its seed, when by the answers."""

    member: Member
    people: People
    tally: Tally
    random: Random
    acts: Mapping[str, int]
    payments: list[tuple[str, int]] = field(default_factory=list)
    done: int = 0

    def live(self, stopped: threading.Event) -> None:
        """Do one thing after the other until stopped; what was begun is finished."""
        while not stopped.wait(self.random.expovariate(RATE)):
            [act] = self.random.choices(list(self.acts), list(self.acts.values()))
            getattr(self, act)()
            self.done += 1

    def pays(self) -> None:
        """Pay whole euros from the wallet, which earns points."""
        amount = 100 * self.random.randint(1, 50)
        self.payments.append((pay(self.member, self.people.merchant, amount, self.tally), amount))

    def returns(self) -> None:
        """Bring back what was bought last; the payment's message may not have arrived yet."""
        if self.payments:
            payment, amount = self.payments.pop()
            refund(self.people, self.member, payment, amount, self.tally)

    def is_given(self) -> None:
        """Get points from the operator."""
        points = self.random.randint(1, 100)
        gift = {"member_id": self.member.id, "points": points, "reason": "a drill"}
        self.people.operator.post("points/earnings", gift)
        self.tally.given(self.member.id, points)

    def redeems(self) -> None:
        """Spend points."""
        redeem(self.member, self.random.randint(1, 50), self.tally)


class Traffic:
    """All members at once, for as long as the block lasts; at its end every request has its answer."""

    def __init__(self, people: People, tally: Tally, *, seed: str, acts: Mapping[str, int]) -> None:
        self._stopped = threading.Event()
        self.customers = [
            Customer(member, people, tally, Random(f"{seed}/{number}"), acts)  # noqa: S311 - a drill is to be repeatable
            for number, member in enumerate(people.members)
        ]
        self._threads: list[Future[None]] = []

    @property
    def done(self) -> int:
        """How many requests were answered."""
        return sum(customer.done for customer in self.customers)

    def __enter__(self) -> Self:
        pool = ThreadPoolExecutor(len(self.customers), thread_name_prefix="customer")
        self._threads = [pool.submit(customer.live, self._stopped) for customer in self.customers]
        pool.shutdown(wait=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stopped.set()
        failures = [failure for thread in self._threads if (failure := thread.exception())]
        if failures and error is None:
            raise failures[0]
