"""Who takes part: an operator, a merchant, members with money and points, and a crowd to be flooded."""

from dataclasses import dataclass
from uuid import uuid4

from tools.drills.client import Client
from tools.drills.tally import Tally
from tools.target import Native, make_operator

PASSWORD = "a long pass phrase for a drill"  # noqa: S105 - an account that lives for a drill
MEMBERS = 6
CROWD = 20
MONEY, POINTS = 10**9, 10**6
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
TERMS = {"currency": "EUR", "timezone": "UTC", "earn_points": 1, "earn_amount": 100, "lot_days": 365}
TERMS |= {"max_points_per_purchase": POINTS}


@dataclass(frozen=True)
class Member:
    """A member who never runs out of money or points."""

    id: str
    client: Client


@dataclass(frozen=True)
class People:
    """Everybody; `probe` is a member of whom no traffic makes use, `crowd` are accounts without a person."""

    operator: Client
    programme: str
    merchant: str
    members: tuple[Member, ...]
    probe: Member
    crowd: tuple[str, ...]

    @property
    def clients(self) -> list[Client]:
        """Everybody's lines to the gateway."""
        return [self.operator, self.probe.client, *(member.client for member in self.members)]


def gather(target: Native, tally: Tally) -> People:
    """Make the people, and note what they were given."""
    make_operator(target)
    operator = Client(target.url, target.settings["OPERATOR_EMAIL"], target.settings["OPERATOR_PASSWORD"])
    merchant = operator.post("merchants", {"name": "The shop in the storm"})["id"]
    programme = operator.post("programmes", {"name": "Drills", "merchants": [merchant], **TERMS})["id"]
    members = [_member(target.url, operator, tally) for _ in range(MEMBERS + 1)]
    crowd = tuple(str(uuid4()) for _ in range(CROWD))
    return People(operator, programme, merchant, tuple(members[1:]), members[0], crowd)


def _member(url: str, operator: Client, tally: Tally) -> Member:
    email = f"drill-{uuid4()}@example.com"
    member = Client(url).post("auth/register", {"email": email, "password": PASSWORD})["id"]
    client = Client(url, email, PASSWORD)
    wallet = client.post("wallets", {"currency": "EUR"})["id"]
    money = {"amount": {"amount": MONEY, "currency": "EUR"}, "source": {"card": CARD}}
    client.post(f"wallets/{wallet}/topups", money)
    tally.topped_up(member, MONEY)
    operator.post("points/earnings", {"member_id": member, "points": POINTS, "reason": "a drill"})
    tally.given(member, POINTS)
    return Member(member, client)
