"""The time of all services is moved, and everything that falls due on the way happens once, at its own instant."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from clients.api import Api, ok, refused
from clients.payments import INTENTS, card, eur, line
from clients.rules import rule, rule_set
from clients.sandbox import CLOCK
from clients.tiers import tiers_document
from conftest import Command
from eventually import eventually
from people import Merchant, Person

pytestmark = [pytest.mark.moves_clock, pytest.mark.usefixtures("default_programme")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LOST_ANSWER_CARD = "4000000000007007"
TOLD = "expiry_notices"


@dataclass(frozen=True)
class Story:
    """Things that are to happen to a member within 120 days of a noon."""

    noon: datetime
    programmes: dict[str, str]
    unpaid: str
    lost: str


@pytest.fixture
def noon(operator: Person) -> datetime:
    """The next noon, in UTC: there the time stands when a story begins."""
    now = operator.sandbox.now()
    noon = datetime(now.year, now.month, now.day, 12, tzinfo=UTC)
    noon += DAY if noon <= now else timedelta()
    operator.sandbox.move_to(noon)
    return noon


def begin(operator: Person, member: Person, merchant: Merchant, noon: datetime) -> Story:
    """Let all begin that falls due later: a hold, points that wait, lots of three policies, a payment that waits."""
    last = noon.date() + 44 * DAY
    terms: dict[str, dict[str, Any]] = {
        "rolling": {"expiry": {"kind": "rolling", "count": 30, "unit": "day"}, "notice_days": [7, 1]},
        "dates": {"expiry": {"kind": "dates", "dates": [f"{last:%m-%d}"]}},
        "sliding": {"expiry": {"kind": "sliding", "count": 60, "unit": "day", "activities": ["redeemed"]}},
    }
    made = {name: str(operator.points.make_programme(name, **more)["id"]) for name, more in terms.items()}
    for programme in made.values():
        operator.points.earn(member.id, 100, programme=programme)
    wait = {"at": (noon + 5 * DAY).isoformat()}
    operator.points.earn(member.id, 50, programme=made["sliding"], activates=wait)
    member.ledger.hold(40, programme=made["sliding"], expires_in=2 * 86_400)
    unpaid = _intent(member, merchant, confirm=False)
    by_card = {"confirm": True, "tenders": [{"type": "card", "card": card(LOST_ANSWER_CARD)}]}
    lost = _intent(member, merchant, status=202, **by_card)
    return Story(noon, made, unpaid, lost)


def _intent(member: Person, merchant: Merchant, status: int = 201, **more: Any) -> str:
    body = {
        "amount": eur(1_000),
        "merchant_id": merchant.id,
        "order_id": str(uuid4()),
        "lines": [line("1", 1_000)],
        "tenders": [{"type": "wallet"}],
        **more,
    }
    return str(ok(member.api.post(INTENTS, body), status)["id"])


@pytest.mark.parametrize("moves", [1, 10])
def test_120_days_bring_about_everything_once_at_its_own_instant_however_they_are_cut(
    operator: Person, analyst: Person, member: Person, merchant: Merchant, noon: datetime, moves: int, manage: Command
) -> None:
    story = begin(operator, member, merchant, noon)

    happened = []
    for number in range(1, moves + 1):
        happened += operator.sandbox.move_to(noon + number * 120 * DAY / moves)["happened"]

    _check_happened(happened, story)
    _check_ledger(member, story)
    _check_payments(member, story)
    _check_warehouse(analyst, story)
    manage("points", "verify_ledger")
    manage("payments", "verify_ledger")


def count_of(happened: list[dict[str, Any]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in happened:
        found[one["kind"]] += one["count"]
    return found


def _check_happened(happened: list[dict[str, Any]], story: Story) -> None:
    """What the stack's other members have falls due as well: of this story's all are there, in order."""
    at = [datetime.fromisoformat(one["at"]) for one in happened]
    assert at == sorted(at)
    counted = count_of(happened)
    for kind, least in {
        "holds_expired": 1,
        "pending_points_closed": 1,
        "lots_expired": 3,
        TOLD: 2,
        "intents_canceled": 1,
        "attempts_resolved": 1,
    }.items():
        assert counted[kind] >= least, (kind, happened)


def _midnight(day: date) -> str:
    return f"{day}T00:00:00Z"


def _check_ledger(member: Person, story: Story) -> None:
    noon, first = story.noon, story.noon.date()
    rolling = member.points.transactions(programme=story.programmes["rolling"], kind="expired")
    dates = member.points.transactions(programme=story.programmes["dates"], kind="expired")
    sliding = member.points.transactions(programme=story.programmes["sliding"])
    # The 30th day after, and the one that the calendar names, are the points' last: they end with its midnight.
    assert [(one["change"], one["created_at"]) for one in rolling] == [(-100, _midnight(first + 31 * DAY))]
    assert [(one["change"], one["created_at"]) for one in dates] == [(-100, _midnight(first + 45 * DAY))]
    by_kind = {one["kind"]: one["created_at"] for one in sliding}
    assert datetime.fromisoformat(by_kind["activated"]) == noon + 5 * DAY
    released = datetime.fromisoformat(by_kind["released"])
    assert noon + 2 * DAY <= released <= noon + 2 * DAY + HOUR
    ended = sorted((one["created_at"], one["change"]) for one in sliding if one["kind"] == "expired")
    assert ended == [(_midnight(first + 61 * DAY), -100), (_midnight(first + 66 * DAY), -50)]
    assert [member.points.balance(programme=one) for one in story.programmes.values()] == [0, 0, 0]


def _check_payments(member: Person, story: Story) -> None:
    unpaid = ok(member.api.get(f"{INTENTS}/{story.unpaid}"))
    lost = ok(member.api.get(f"{INTENTS}/{story.lost}"))
    assert (unpaid["status"], lost["status"]) == ("canceled", "succeeded")
    captured = datetime.fromisoformat(lost["captured_at"])
    assert timedelta(seconds=10) <= captured - datetime.fromisoformat(lost["created_at"]) <= timedelta(seconds=11)


def _check_warehouse(analyst: Person, story: Story) -> None:
    """The facts have the ledger's days, and the days add up."""
    since, until = str(story.noon.date()), str(story.noon.date() + 120 * DAY)

    def expired() -> dict[str, int]:
        rows = analyst.warehouse.points(from_=since, to=until, programme=story.programmes["rolling"])
        return {row["period"]: row["expired"] for row in rows if row["expired"]}

    eventually(expired, {str(story.noon.date() + 31 * DAY): 100})
    eventually(
        lambda: {row["status"] for row in analyst.warehouse.reconciliation(from_=since, to=until)},
        {"matched"},
    )


def test_a_birthday_comes_at_its_midnight_once_however_the_time_is_cut(
    operator: Person, member: Person, noon: datetime, manage: Command
) -> None:
    programme = str(operator.points.make_programme("Birthdays")["id"])
    operator.rules.say_types(programme, attributes={"birthday": {"type": "date"}})
    born = noon.date() + 20 * DAY
    operator.segments.know(member.id, programme, birthday=f"1984-{born:%m-%d}")
    cake = rule("cake", {"kind": "fixed", "points": 50}) | {"trigger": "birthday"}
    operator.rules.activate(programme, operator.rules.draft(programme, rule_set(cake))["version"])

    happened = [one for days in (15, 30) for one in operator.sandbox.move_to(noon + days * DAY)["happened"]]

    assert count_of(happened)["birthdays"] >= 1
    [earned] = member.points.transactions(programme=programme)
    assert (earned["points"], earned["occurred_at"], earned["reason"]) == (50, _midnight(born), "birthday")
    [event] = member.api.listed("/api/v1/points/events")
    assert (event["trigger"], event["transaction_id"]) == ("birthday", earned["id"])
    explained = ok(member.api.get(f"/api/v1/points/transactions/{earned['id']}/explanation"))["by_rules"]
    assert [(one["rule_id"], one["points"]) for one in explained["rules"]] == [("cake", 50)]
    manage("points", "verify_ledger")


def test_a_tier_is_judged_at_the_midnight_at_which_its_period_ends(
    operator: Person, member: Person, noon: datetime
) -> None:
    programme = str(operator.points.make_programme("Tiers of three days")["id"])
    said: dict[str, Any] = {"window": {"kind": "rolling", "days": 3}, "notice_days": 1, "requalify": True}
    operator.tiers.replace(programme, tiers_document(("silver", 100), **said))
    operator.points.earn(member.id, 100, programme=programme)

    happened = operator.sandbox.move_to(noon + 8 * DAY)["happened"]

    assert count_of(happened)["tiers_judged"] >= 2
    # The day before the second end.
    assert count_of(happened)["tier_notices"] >= 1
    # Judged once with what was earned among the days, once without.
    [ended, earned] = member.tiers.changes(programme=programme)
    assert (earned["after"], ended["after"], ended["cause"]) == ("silver", None, "period_end")
    assert ended["changed_at"] == _midnight(noon.date() + 6 * DAY)

    operator.points.earn(member.id, 100, programme=programme, occurred_at=(noon + 4 * DAY).isoformat())
    assert member.tiers.changes(programme=programme)[0]["cause"] == "requalified"


def test_a_tier_by_hand_ends_at_its_instant(operator: Person, member: Person, noon: datetime) -> None:
    programme = str(operator.points.make_programme("Tiers by hand")["id"])
    operator.tiers.replace(programme, tiers_document(("silver", 100)))
    end = (noon + 2 * DAY).isoformat()
    operator.tiers.give(member.id, "silver", programme=programme, until=end)

    happened = operator.sandbox.move_to(noon + 4 * DAY)["happened"]

    assert count_of(happened)["tiers_judged"] >= 1
    [ended, _given] = member.tiers.changes(programme=programme)
    assert (ended["after"], ended["cause"]) == (None, "override_ended")
    assert datetime.fromisoformat(ended["changed_at"]) == noon + 2 * DAY


def test_what_is_about_machines_does_not_notice_that_days_went_by(
    operator: Person, member: Person, manage: Command
) -> None:
    programme = operator.points.make_programme("Eight days")["id"]
    body = {"member_id": member.id, "points": 10, "reason": "a gift", "programme": programme}
    first = operator.api.post("/api/v1/points/earnings", body, key="before-the-move" + member.id)
    sign_in = member.sign_in.current()

    operator.sandbox.move(advance="P8D")

    again = operator.api.post("/api/v1/points/earnings", body, key="before-the-move" + member.id)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert ok(sign_in.get("/api/v1/points/balance", programme=programme))["available"] == 10
    for service in ("auth", "points", "payments", "warehouse"):
        manage(service, "run_job", "purge", "compare-messages")
    assert ok(sign_in.get("/api/v1/points/balance", programme=programme))["available"] == 10


def test_the_clock_moves_forward_only_and_by_admins_only(
    operator: Person, member: Person, merchant: Merchant, analyst: Person
) -> None:
    before = operator.sandbox.now()

    for other in (member, merchant.system, analyst):
        refused(other.api.post(CLOCK, {"advance": "P1D"}), 403, "auth.insufficient_scope")
        refused(other.api.get(CLOCK), 403, "auth.insufficient_scope")
    refused(operator.api.post(CLOCK, {"to": (before - DAY).isoformat()}), 409, "clock.behind")
    refused(operator.api.post(CLOCK, {"to": (before + 401 * DAY).isoformat()}), 409, "clock.too_far")
    for nonsense in ({}, {"advance": "P1M"}, {"advance": 30}, {"to": "tomorrow"}, {"advance": "P1D", "to": "x"}):
        refused(operator.api.post(CLOCK, nonsense), 400, "request.invalid")

    assert before <= operator.sandbox.now() < before + HOUR


@pytest.mark.parametrize("process", ["points-worker", "payments-web"])
def test_a_process_that_is_killed_in_the_middle_changes_nothing(
    url: str, operator: Person, member: Person, kill: Command, process: str
) -> None:
    terms = {"kind": "rolling", "count": 2, "unit": "day"}
    programme = str(operator.points.make_programme("Killed", expiry=terms)["id"])
    operator.points.earn_lots(member.id, 2_000, programme=programme)
    until = operator.sandbox.now() + 5 * DAY

    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(operator.api.post, CLOCK, {"to": until.isoformat()})
        eventually(lambda: operator.sandbox.clock()["move"], lambda move: move and move["state"] == "moving")
        kill(process)
        answer = moving.result()
    eventually(lambda: Api(url).get("/health/payments").status_code, 200, seconds=120)
    move = operator.sandbox.moved()

    assert answer.status_code in (200, 202, 502), answer.text
    assert datetime.fromisoformat(move["target"]) == until
    assert count_of(move["happened"])["lots_expired"] >= 2_000
    explained = member.ledger.explanation(programme=programme)["by_kind"]
    assert [(one["transactions"], one["change"]) for one in explained if one["kind"] == "expired"] == [(2_000, -2_000)]
