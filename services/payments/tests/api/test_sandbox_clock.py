"""The test clock over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from payments.sandbox.api import clock as view
from payments.sandbox.models import ClockMove
from shared import clock
from shared.contracts.clock import ClockMoved, ClockReached
from shared.contracts.routes import SERVICES
from shared.testing.actors import Actor, anonymous
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written

pytestmark = pytest.mark.django_db
CLOCK = "/api/v1/sandbox/clock"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "PATIENCE_SECONDS", 0.0)


def answer_all() -> None:
    while (asked := published(ClockMoved)[-1]).offset_microseconds is None:
        for service in SERVICES:
            deliver(
                ClockReached(
                    service=service,
                    move_id=asked.move_id,
                    number=asked.number,
                    done={"holds_expired": 3} if service == "points" and asked.number == 3 else {},
                    next_due_at=None,
                    published=0,
                    waiting=0,
                )
            )


def test_it_was_never_moved(operator: Actor) -> None:
    found = operator.get(CLOCK)

    assert found.status_code == 200
    assert found.json()["move"] is None
    assert found.json()["now"].endswith("Z")


def test_a_move_that_takes_long_is_202_with_whom_it_waits_for_and_a_get_tells_the_rest(operator: Actor) -> None:
    begun = operator.post(CLOCK, {"advance": "P30D"})

    assert begun.status_code == 202
    move = begun.json()
    assert (move["state"], move["at"] > move["since"], move["happened"]) == ("moving", True, [])
    assert move["not_quiet"] == [{"service": service, "reason": "no_answer"} for service in SERVICES]
    answer_all()
    done = operator.get(CLOCK).json()["move"]
    assert (done["id"], done["state"], done["at"], done["not_quiet"]) == (move["id"], "done", move["target"], [])
    assert done["happened"] == [{"at": move["target"], "service": "points", "kind": "holds_expired", "count": 3}]


def test_a_move_that_ends_in_time_is_200(operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(move_id: Any, *, seconds: float) -> ClockMove:
        answer_all()
        return ClockMove.objects.get(id=move_id)

    monkeypatch.setattr(view.queries, "after_some_time", answered)
    to = clock.iso(clock.now() + 3 * DAY)

    done = operator.post(CLOCK, {"to": to})

    assert (done.status_code, done.json()["state"], done.json()["target"]) == (200, "done", to)


def test_a_repeat_moves_nothing(operator: Actor) -> None:
    first = operator.post(CLOCK, {"advance": "P1D"}, key="once")
    again = operator.post(CLOCK, {"advance": "P1D"}, key="once")

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert ClockMove.objects.count() == 1


def test_another_move_meanwhile_is_refused(operator: Actor) -> None:
    first = operator.post(CLOCK, {"advance": "P1D"}).json()

    with nothing_written():
        refused = operator.post(CLOCK, {"advance": "P1D"})

    assert (refused.status_code, refused.json()["code"]) == (409, "clock.moving")
    assert refused.json()["move_id"] == first["id"]


@pytest.mark.parametrize(("days", "code"), [(-1, "clock.behind"), (401, "clock.too_far")])
def test_a_time_that_lies_behind_or_too_far_is_a_409(operator: Actor, days: int, code: str) -> None:
    with nothing_written():
        refused = operator.post(CLOCK, {"to": clock.iso(clock.now() + days * DAY)})

    assert (refused.status_code, refused.json()["code"]) == (409, code)


@pytest.mark.parametrize("zero", ["P0D", "PT0S"])
def test_no_time_at_all_is_behind(operator: Actor, zero: str) -> None:
    assert operator.post(CLOCK, {"advance": zero}).json()["code"] == "clock.behind"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "P1D", "to": "2030-01-01T00:00:00Z"},
        *(
            {"advance": text}
            for text in ("", "P", "PT", "P1DT", "30", "P1M", "P1Y", "P-1D", "p1d", "P1.5D", "P9999D", " P1D", "P1D ")
        ),
        *({"advance": value} for value in (30, None, True, ["P1D"], {"days": 1}, "P1D\x00", "P\u0661D", "1" * 10_000)),
        *({"to": value} for value in ("tomorrow", "2030-01-01", "2030-01-01T00:00:00", 1_900_000_000, None)),
        {"advance": "P1D", "programme": "x"},
    ],
)
def test_nonsense_is_a_400_and_changes_nothing(operator: Actor, body: Any) -> None:
    with nothing_written():
        refused = operator.post(CLOCK, body)

    assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("text", ["P1D", "P2W", "P1W1D", "PT1H", "PT90M", "P1DT12H30M15S", "P400D", "PT34560000S"])
def test_a_duration_is_one_of_iso_8601_without_months_and_years(operator: Actor, text: str) -> None:
    assert operator.post(CLOCK, {"advance": text}).status_code == 202


@pytest.mark.parametrize("role", ["member", "merchant", "analyst"])
def test_who_is_no_admin_is_refused(request: pytest.FixtureRequest, role: str) -> None:
    actor: Actor = request.getfixturevalue(role)

    assert actor.get(CLOCK).status_code == 403
    assert actor.post(CLOCK, {"advance": "P1D"}).status_code == 403
    assert anonymous().get(CLOCK).status_code == 401
    assert ClockMove.objects.count() == 0
