"""Backtests over HTTP: asked for, watched and cancelled by operators, read by analysts too."""

from typing import Any

import pytest

from points.backtests import operations
from points.backtests.models import Backtest
from points.earning.operations import change_schema
from points.earning.rules import Schema, Type
from points.events.operations import Registration, earn_by_registrations
from points.programmes.rules import Programme
from shared.clock import iso
from shared.contracts.rules import BacktestPurchases
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from shared.testing.roles import MEMBER, OPERATOR, OTHER_MEMBER
from tests.backtest_factories import DAY, work
from tests.event_factories import REVIEW, let_earn, on, registering, tell
from tests.factories import AT, UNKNOWN_ID, make_programme
from tests.judging_factories import BASE, buy_lines
from tests.rule_factories import draft, retire
from tests.rules.earning.factories import PER_EURO, rule, rule_set

pytestmark = pytest.mark.django_db(transaction=True)
SPAN = {"from": iso(AT - DAY), "to": iso(AT + DAY)}


@pytest.fixture
def plaza(monkeypatch: pytest.MonkeyPatch) -> Programme:
    monkeypatch.setattr(operations, "CHUNK", 1)
    return make_programme()


@pytest.fixture
def path(plaza: Programme) -> str:
    draft(plaza)
    return f"/api/v1/programmes/{plaza.id}/rules/1/backtests"


def asked(operator: Actor, path: str, **more: Any) -> dict[str, Any]:
    answer = operator.post(path, SPAN, **more)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def code(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]


def test_a_draft_is_tried_on_what_was_bought(operator: Actor, analyst: Actor, plaza: Programme, path: str) -> None:
    buy_lines(MEMBER.id)
    buy_lines(OTHER_MEMBER.id, {"1": ("books", 1, 1_000)})
    buy_lines(OTHER_MEMBER.id, at=AT + DAY)  # the end is not in the span

    begun = asked(operator, path)
    assert begun == {
        "id": begun["id"], "programme": str(plaza.id), "version": 1, "state": "queued", **SPAN, "done": 0,
        "total": None,
        "rate": 0, "eta_seconds": None, "error": None, "requested_by": str(operator.id),
        "created_at": begun["created_at"], "started_at": None, "finished_at": None, "result": None,
    }  # fmt: skip
    deliver(*published(BacktestPurchases))
    half = operator.get(f"{path}/{begun['id']}").json()
    work()
    done = analyst.get(f"{path}/{begun['id']}").json()

    assert [half[name] for name in ("state", "done", "total", "result")] == ["running", 1, 2, None]
    assert [done[name] for name in ("state", "done", "total", "eta_seconds")] == ["done", 2, 2, None]
    assert done["result"] == {
        "replayed": {"purchases": 2, "events": 0, "registrations": 0, "birthdays": 0},
        "tried": {"earned": 286, "returned": 0, "points": 286, "cost": {"amount": 286, "currency": "EUR"}},
        "then": {"earned": 53, "returned": 0, "points": 53, "cost": {"amount": 53, "currency": "EUR"}},
        "rules": [
            {"rule_id": "base", "times": 2, "earned": 53, "returned": 0, "points": 53},
            {"rule_id": "double-shoes", "times": 1, "earned": 33, "returned": 0, "points": 33},
            {"rule_id": "welcome", "times": 2, "earned": 200, "returned": 0, "points": 200},
        ],
        "members": {
            "count": 2, "winners": 2, "losers": 0, "same": 0, "gained": 233, "lost": 0,
            "largest_gains": [
                {"member_id": str(MEMBER.id), "change": 133, "points": 176, "points_then": 43},
                {"member_id": str(OTHER_MEMBER.id), "change": 100, "points": 110, "points_then": 10},
            ],
            "largest_losses": [],
        },
        "too_many_points": 0,
        "unsure": [],
    }  # fmt: skip


def test_a_draft_is_tried_on_events_and_registrations(operator: Actor, plaza: Programme) -> None:
    let_earn(REVIEW, registering(50), programme_id=plaza.id)
    tell(MEMBER.id)
    tell(MEMBER.id, name="visit", data={})
    earn_by_registrations([Registration(OTHER_MEMBER.id, AT)], at=AT)
    draft(plaza, rule_set(on("review", 5), BASE))
    path = f"/api/v1/programmes/{plaza.id}/rules/2/backtests"

    begun = asked(operator, path)
    work()
    done = operator.get(f"{path}/{begun['id']}").json()

    assert [done[name] for name in ("state", "done", "total")] == ["done", 3, 3]
    found = done["result"]
    assert found["replayed"] == {"purchases": 0, "events": 2, "registrations": 1, "birthdays": 0}
    assert found["rules"] == [
        {"rule_id": "review", "times": 1, "earned": 5, "returned": 0, "points": 5},
        {"rule_id": "base", "times": 0, "earned": 0, "returned": 0, "points": 0},
    ]
    assert [found["tried"]["points"], found["then"]["points"], found["members"]["losers"]] == [5, 75, 2]


def test_a_draft_that_changes_meanwhile_changes_nothing(operator: Actor, plaza: Programme, path: str) -> None:
    buy_lines(MEMBER.id)
    begun = asked(operator, path)
    changed = rule_set(rule("other", PER_EURO))
    assert operator.put(path.removesuffix("/backtests"), {"document": changed}).status_code == 200
    work()

    assert operator.get(f"{path}/{begun['id']}").json()["result"]["tried"]["points"] == 176


def test_a_span_without_purchases_is_done_at_once(operator: Actor, path: str) -> None:
    begun = asked(operator, path)
    work()

    done = operator.get(f"{path}/{begun['id']}").json()
    assert (done["state"], done["done"], done["total"]) == ("done", 0, 0)
    assert done["result"]["members"]["count"] == done["result"]["tried"]["points"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": SPAN["from"]},
        {"to": SPAN["to"]},
        {"from": SPAN["to"], "to": SPAN["from"]},
        {"from": SPAN["from"], "to": SPAN["from"]},
        {"from": "2026-03-01", "to": SPAN["to"]},
        {"from": "2026-03-01T00:00:00", "to": SPAN["to"]},
        {"from": "1999-12-31T23:59:59Z", "to": SPAN["to"]},
        {"from": SPAN["from"], "to": "9999-12-31T23:59:59Z"},
        {"from": SPAN["from"], "to": None},
        {"from": 1_700_000_000, "to": SPAN["to"]},
        {"from": [SPAN["from"]], "to": SPAN["to"]},
        {**SPAN, "to": f"{SPAN['to']}\x00"},
        {**SPAN, "surprise": 1},
        [],
        "text",
    ],
)
def test_a_bad_body_is_refused(operator: Actor, path: str, body: Any) -> None:
    with nothing_written():
        assert code(operator.post(path, body)) == (400, "request.invalid")


def test_what_is_not_there_is_not_found(operator: Actor, plaza: Programme, path: str) -> None:
    draft(plaza)
    mine = asked(operator, path)["id"]
    nobodys, other = path.replace(str(plaza.id), str(UNKNOWN_ID)), path.replace("/rules/1/", "/rules/2/")
    unknown = path.replace("/rules/1/", "/rules/3/")

    with nothing_written():
        for ask in (lambda where: operator.post(where, SPAN), operator.get):
            assert code(ask(nobodys)) == (404, "programmes.not_found")
            assert code(ask(unknown)) == (404, "rules.version_not_found")
        for one in (f"{path}/{new_id()}", f"{other}/{mine}"):
            assert code(operator.get(one)) == (404, "rules.backtest_not_found")
            assert code(operator.post(f"{one}/cancel")) == (404, "rules.backtest_not_found")
        for where, why in ((nobodys, "programmes.not_found"), (unknown, "rules.version_not_found")):
            assert code(operator.get(f"{where}/{mine}")) == (404, why)
            assert code(operator.post(f"{where}/{mine}/cancel")) == (404, why)


def test_the_same_key_asks_for_one_backtest(operator: Actor, path: str) -> None:
    first = operator.post(path, SPAN, key="k1")
    with nothing_written():
        again = operator.post(path, SPAN, key="k1")
        other = operator.post(path, {**SPAN, "from": iso(AT)}, key="k1")
        without = operator.post(path, SPAN, key=None)

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (202, first.content, "true")
    assert code(other) == (422, "idempotency.key_reused")
    assert code(without) == (400, "idempotency.key_required")
    assert Backtest.objects.count() == len(published(BacktestPurchases)) == 1


def test_a_backtest_is_cancelled_in_the_middle(operator: Actor, path: str) -> None:
    for _ in range(3):
        buy_lines(new_id())
    begun = asked(operator, path)["id"]
    deliver(*published(BacktestPurchases))

    cancelled = operator.post(f"{path}/{begun}/cancel", key=None)

    assert (cancelled.status_code, cancelled.json()["state"], cancelled.json()["done"]) == (200, "cancelled", 1)
    with nothing_written():
        assert operator.post(f"{path}/{begun}/cancel", key=None).json() == cancelled.json()
    work()
    found = operator.get(f"{path}/{begun}").json()
    assert (found["state"], found["done"], found["total"], found["result"]) == ("cancelled", 1, 3, None)


def test_one_that_is_done_is_not_cancelled(operator: Actor, path: str) -> None:
    begun = asked(operator, path)["id"]
    work()

    with nothing_written():
        answer = operator.post(f"{path}/{begun}/cancel")

    assert code(answer) == (409, "rules.backtest_finished")
    assert answer.json()["state"] == "done"


def test_a_programme_has_five_at_once(operator: Actor, plaza: Programme, path: str) -> None:
    draft(plaza)
    begun = [asked(operator, path)["id"] for _ in range(operations.MOST_OPEN)]

    with nothing_written():
        answer = operator.post(path.replace("/rules/1/", "/rules/2/"), SPAN)
    assert (code(answer), answer.json()["most"]) == ((409, "rules.too_many_backtests"), 5)

    assert operator.post(f"{path}/{begun[0]}/cancel").status_code == 200
    asked(operator, path)


def test_a_draft_that_says_no_rules_any_more_is_refused(operator: Actor, plaza: Programme) -> None:
    change_schema(plaza.id, Schema(purchase_metadata={"gift": Type.BOOLEAN}), actor_id=OPERATOR.id, at=AT)
    gift = {"field": "purchase.metadata.gift", "op": "eq", "value": True}
    row = draft(plaza, rule_set(rule("gifts", PER_EURO, condition=gift)))
    retire(row)
    change_schema(plaza.id, Schema(), actor_id=OPERATOR.id, at=AT)

    with nothing_written():
        answer = operator.post(f"/api/v1/programmes/{plaza.id}/rules/1/backtests", SPAN)

    assert code(answer) == (400, "rules.invalid")
    assert answer.json()["errors"][0]["pointer"] == "/rules/0/condition/field"


def test_backtests_are_listed_the_newest_first_by_cursor(operator: Actor, plaza: Programme, path: str) -> None:
    draft(plaza)
    made = [asked(operator, path)["id"] for _ in range(3)]
    asked(operator, path.replace("/rules/1/", "/rules/2/"))
    work()

    first = operator.get(path, page_size=2).json()
    rest = operator.get(first["next"]).json()

    assert [one["id"] for one in first["results"]] == [made[2], made[1]]
    assert ([one["id"] for one in rest["results"]], rest["next"]) == ([made[0]], None)
    assert first["results"][0] == operator.get(f"{path}/{made[2]}").json()
    for query in ({"page_size": "0"}, {"page_size": "201"}, {"surprise": "1"}):
        assert code(operator.get(path, **query)) == (400, "request.invalid")


def test_analysts_read_and_only_operators_ask(
    operator: Actor, analyst: Actor, member: Actor, merchant: Actor, path: str
) -> None:
    one = f"{path}/{asked(operator, path)['id']}"

    with nothing_written():
        assert [analyst.get(where).status_code for where in (path, one)] == [200, 200]
        for actor in (member, merchant, analyst):
            answers = [actor.post(path, SPAN), actor.post(f"{one}/cancel")]
            answers += [] if actor is analyst else [actor.get(path), actor.get(one)]
            assert {code(answer) for answer in answers} == {(403, "auth.insufficient_scope")}
