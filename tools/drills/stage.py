"""What a drill is given: the stack, its people, the means of injecting faults, and the time it may take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from tools.drills.broker import Broker
from tools.drills.databases import Databases
from tools.drills.people import People
from tools.drills.processes import Processes
from tools.drills.proof import Proof
from tools.drills.queues import Queues
from tools.drills.tally import Tally
from tools.drills.traffic import ACTS, Traffic
from tools.drills.waits import eventually
from tools.stack.layout import PACKAGES
from tools.target import Native


@dataclass
class Stage:
    """One drill's surroundings; what it does follows from `random`, and what it says is printed behind its name."""

    name: str
    target: Native
    people: People
    tally: Tally
    proof: Proof
    is_short: bool
    seed: int
    said: list[str] = field(default_factory=list)
    is_proved: bool = False

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.name}")  # noqa: S311 - a drill is to be repeatable
        self.processes = Processes(self.target)
        self.broker = Broker(self.processes)
        self.queues = Queues(self.target.settings)
        self.databases = Databases(self.target)

    def say(self, text: str) -> None:
        """Add to what is printed about this drill."""
        self.said.append(text)

    def either(self, *, short: float, long: float) -> float:
        """Return the number for this form of the drills."""
        return short if self.is_short else long

    def last(self, seconds: float) -> None:
        """Let a state last: that long is what the drill is about."""
        time.sleep(seconds)

    def moment(self, *, short: float = 1.0, long: float = 5.0) -> None:
        """Wait for a random while before the next fault."""
        self.last(self.random.uniform(0.3, 1.0) * self.either(short=short, long=long))

    @contextmanager
    def traffic(self, *, with_returns: bool = True) -> Iterator[Traffic]:
        """Let everybody buy and spend while the block lasts, and note how much of it there was."""
        before = sum(client.repeats for client in self.people.clients)
        acts = ACTS if with_returns else {name: weight for name, weight in ACTS.items() if name != "returns"}
        with Traffic(self.people, self.tally, seed=f"{self.seed}/{self.name}", acts=acts) as traffic:
            eventually(lambda: traffic.done > len(traffic.customers), "traffic runs")
            yield traffic
        repeats = sum(client.repeats for client in self.people.clients) - before
        self.say(f"{traffic.done} requests, {repeats} of them repeated")

    @contextmanager
    def tasks_waiting(self) -> Iterator[None]:
        """Hold the consumers until a task waits for each of them at the broker, so that a fault now is a loss."""
        with self.processes.frozen("points-worker", "warehouse-worker"):
            for consumer in ("points", "warehouse"):
                eventually(lambda name=consumer: self.broker.waiting(name, "payments"), f"waiting for {consumer}")  # type: ignore[misc]
            yield

    def prove(self) -> None:
        """Wait until everything arrived, and show that every effect happened exactly once.

        In the long form ledgers, reconciliation and the comparison of messages are proved after each drill, in the
        short form once, at the end.
        """
        begun = time.monotonic()
        self.processes.await_all()
        self.proof.that_all_arrived()
        self.say(f"all arrived after {time.monotonic() - begun:.1f} s")
        self.proof.of_totals()
        if not self.is_short:
            self.prove_books()
        self.is_proved = True

    def prove_books(self) -> None:
        """Show that ledgers, facts and messages agree with each other."""
        proofs = (self.proof.of_ledgers, self.proof.of_reconciliation, self.proof.of_comparison)
        for proof in proofs:
            begun = time.monotonic()
            proof()
            self.say(f"{proof.__name__.removeprefix('of_')} {time.monotonic() - begun:.0f} s")


SERVICES = tuple(PACKAGES)
