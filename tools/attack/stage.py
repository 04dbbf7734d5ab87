"""What a probe is given, and where it writes down what it found."""

from dataclasses import dataclass, field
from random import Random

from tools.attack.people import CARD, PASSWORD, Caller, People, person
from tools.drills.client import Client
from tools.drills.databases import Databases
from tools.target import Native


@dataclass
class Stage:
    """One probe's surroundings: what it does follows from `random`; `figures` and `failures` go into the table."""

    name: str
    target: Native
    people: People
    is_short: bool
    seed: int
    figures: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.name}")  # noqa: S311 - a probe is to be repeatable
        self.databases = Databases(self.target)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.target.url

    @property
    def operator(self) -> Client:
        """The operator's patient line, for what has to be there before an attack."""
        return self.people.operator

    def either(self, *, short: int, long: int) -> int:
        """Return the number for this form."""
        return short if self.is_short else long

    def say(self, figure: str) -> None:
        """Add a figure to the table."""
        self.figures.append(figure)

    def must(self, holds: bool, otherwise: str) -> None:
        """Note a failure unless something holds; the probe goes on."""
        if not holds:
            self.failures.append(otherwise)

    def member(self, *, points: int = 0, money: int = 0) -> Caller:
        """Register a member with so many points and so many cents."""
        made = person(self.url, self.operator)
        if points:
            gift = {"member_id": made.id, "points": points, "reason": "before an attack"}
            self.operator.post("points/earnings", {**gift, "programme": self.people.programme})
        if money:
            client = Client(self.url, made.email, PASSWORD)
            wallet = client.post("wallets", {"currency": "EUR"})["id"]
            body = {"amount": {"amount": money, "currency": "EUR"}, "source": {"card": CARD}}
            client.post(f"wallets/{wallet}/topups", body)
        return made

    def points_of(self, member: Caller, programme: str = "") -> int:
        """Return what a member can spend."""
        query = {"programme": programme or self.people.programme}
        return int(self.operator.get(f"points/members/{member.id}/balance", **query)["available"])

    def cents_of(self, member: Caller) -> int:
        """Return what a member's wallets hold."""
        wallets = self.operator.get("wallets", member_id=member.id)["results"]
        return sum(int(one["balance"]["amount"]) for one in wallets)
