import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.vouchers import attempts, jobs
from points.vouchers.models import FailedAttempt, Voucher
from points.vouchers.rules import Guesser
from shared import clock
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme
from tests.voucher_factories import claim, make_campaign, make_codes, order_body

BASE = "/api/v1/vouchers"
pytestmark = pytest.mark.django_db


@pytest.fixture
def codes(other_member: Actor) -> dict[str, str]:
    """Return one code of each kind that is not the member's own."""
    now = clock.now()
    mine = claim(make_campaign(codes=2, ends_at=now + timedelta(days=9)), other_member.id)
    over = claim(make_campaign(codes=1, ends_at=now - timedelta(seconds=1)), other_member.id)
    free = Voucher.objects.get(member_id=None)
    return {"foreign": mine.code, "expired": over.code, "unclaimed": free.code, "unknown": "AAAA-BBBB-CCCC", "odd": "?"}


def without_id(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def attempt(actor: Actor, code: str) -> Any:
    return actor.post(f"{BASE}/validations", {"code": code, "order": order_body()})


def read(actor: Actor, code: str) -> Any:
    return actor.get(f"{BASE}/{quote(code)}")


def use(actor: Actor, code: str, *, key: str = "") -> Any:
    return actor.post(f"{BASE}/redemptions", {"code": code, "order": order_body(order_id="o-1")}, key=key)


def cancel(actor: Actor, code: str) -> Any:
    return actor.post(f"{BASE}/{quote(code)}/cancel")


@pytest.mark.parametrize(("ask", "status"), [(read, 404), (attempt, 200), (use, 404), (cancel, 404)])
def test_every_code_that_is_not_ones_own_gets_one_answer(
    member: Actor, codes: dict[str, str], ask: Callable[[Actor, str], Any], status: int
) -> None:
    answers = [ask(member, code) for code in codes.values()]

    assert {answer.status_code for answer in answers} == {status}
    assert all(without_id(answer) == without_id(answers[0]) for answer in answers)


def test_every_such_code_takes_the_same_statements(member: Actor, codes: dict[str, str]) -> None:
    use(member, "WARM-UP")

    done = []
    for code in codes.values():
        with CaptureQueriesContext(connection) as captured:
            use(member, code)
        # Programmes and revocations are read anew each second, whatever is asked.
        kept = [
            query["sql"] for query in captured if not re.search("SAVEPOINT|FROM (programme|revocation)", query["sql"])
        ]
        done.append([sql.split("(")[0][:40] for sql in kept])

    assert done == [done[0]] * len(done)
    assert len(done[0]) > 2


def waits(answer: Any) -> bool:
    return (answer.status_code, answer.json()["code"]) == (429, "vouchers.too_many_failed_attempts")


def test_after_twenty_failures_an_account_waits_but_for_its_own_vouchers(
    member: Actor, other_member: Actor, codes: dict[str, str]
) -> None:
    own = claim(make_campaign(codes=1, uses_per_code=2, ends_at=clock.now() + timedelta(days=9)), member.id)
    for number in range(20):
        assert use(member, f"GUESS-{number}").status_code == 404

    with nothing_written():
        for code in codes.values():
            for ask in (use, read, attempt, cancel):
                answer = ask(member, code)
                assert waits(answer)
                assert 500 < int(answer["Retry-After"]) <= 600

    assert attempt(member, own.code).json()["valid"] is True
    assert read(member, own.code).json()["code"] == own.code
    assert use(member, own.code).status_code == 201
    assert read(other_member, codes["foreign"]).status_code == 200


def test_a_voucher_that_came_with_a_merge_is_ones_own_while_one_waits(
    member: Actor, other_member: Actor, operator: Actor
) -> None:
    make_programme()
    give(other_member.id, 5, at=clock.now())
    terms = {"price_points": 5, "ends_at": clock.now() + timedelta(days=9)}
    bought = claim(make_campaign(codes=1, **terms), other_member.id, at=clock.now())
    merge = {"from_member_id": str(other_member.id), "into_member_id": str(member.id), "reason": "one person"}
    assert operator.post("/api/v1/points/merges", merge).status_code == 201
    for number in range(20):
        read(member, f"GUESS-{number}")

    assert cancel(member, bought.code).status_code == 200


def test_whoever_may_list_all_vouchers_guesses_none(operator: Actor) -> None:
    answers = [ask(operator, f"GUESS-{number}") for number in range(11) for ask in (read, cancel)]

    assert {answer.status_code for answer in answers} == {404}
    assert not FailedAttempt.objects.exists()


def test_all_ways_of_naming_a_code_count_together(member: Actor) -> None:
    for number in range(7):
        member.get(f"{BASE}/GUESS-{number}")
        use(member, f"GUESS-{number}")
        if number < 6:
            member.post(f"{BASE}/validations", {"code": "GUESS", "order": order_body()})

    assert FailedAttempt.objects.filter(account_id=member.id).count() == 20
    assert member.get(f"{BASE}/GUESS").status_code == 429


def test_the_failure_is_counted_though_the_request_is_undone_and_its_repeat_is_not(member: Actor) -> None:
    for _ in range(3):
        assert use(member, "GUESS", key="one-key").status_code == 404

    assert FailedAttempt.objects.count() == 1


def test_a_refusal_about_ones_own_voucher_is_no_failure(member: Actor) -> None:
    own = claim(make_campaign(codes=1, min_spend=10**6, ends_at=clock.now() + timedelta(days=9)), member.id)

    assert use(member, own.code).json()["code"] == "vouchers.min_spend_not_reached"
    member.post(f"{BASE}/validations", {"code": own.code, "order": order_body()})

    assert not FailedAttempt.objects.exists()


def test_the_window_slides(member: Actor) -> None:
    start = clock.now()
    for minute in range(20):
        attempts.charge(Guesser(member.id), "GUESS", at=start - timedelta(seconds=590 - minute))

    assert member.get(f"{BASE}/GUESS")["Retry-After"] in ("10", "9")

    with time_machine.travel(start + timedelta(seconds=11)):
        assert member.get(f"{BASE}/GUESS").status_code == 404
        assert member.get(f"{BASE}/GUESS").status_code == 404


def test_attempts_that_no_longer_count_are_purged(member: Actor) -> None:
    now = clock.now()
    for age in (599, 600, 4000):
        attempts.charge(Guesser(member.id), "GUESS", at=now - timedelta(seconds=age))

    assert attempts.purge_failed_attempts(at=now) == 2
    assert FailedAttempt.objects.count() == 1


SLIPS: list[Callable[[str], str]] = [
    str.lower,
    lambda code: code.replace("-", ""),
    lambda code: code.replace("-", " "),
    lambda code: code.replace("-", "\u2013"),
    lambda code: code.replace("-", "\u2212"),
    lambda code: "-".join(code.replace("-", "")),
    lambda code: f" {code}\u200b\u200e",
    lambda code: f"{code}\ufeff",
    lambda code: f"{code}\n",
    lambda code: "".join(chr(ord(one) + 0xFEE0) if one != "-" else one for one in code),
]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_holder_who_types_a_code_in_another_way_finds_it_and_is_never_locked_out(
    member: Actor, operator: Actor, slip: Callable[[str], str]
) -> None:
    terms = {"uses_per_code": 99, "price_points": 5, "ends_at": clock.now() + timedelta(days=9)}
    make_programme()
    give(member.id, 5, at=clock.now())
    own = claim(make_campaign(codes=1, **terms), member.id, at=clock.now())
    typed = slip(own.code)

    for _ in range(21):
        assert attempt(member, typed).json()["valid"] is True

    assert read(member, typed).json()["code"] == own.code
    used = use(member, typed)
    assert (used.status_code, used.json()["voucher_id"]) == (201, str(own.id))
    assert operator.post(f"/api/v1/vouchers/redemptions/{used.json()['id']}/rollback").status_code == 200
    assert member.post(f"{BASE}/{quote(typed)}/cancel").json()["code"] == own.code
    assert not FailedAttempt.objects.exists()


def test_two_codes_never_differ_by_their_dashes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([{"ABCD-2345"}, {"AB-CD-2345"}, {"AB-CD-2346"}])
    monkeypatch.setattr(jobs, "_distinct_codes", lambda pattern, count: next(drawn))
    campaign = make_campaign(status="draft")

    make_codes(campaign.id, 1, "########")
    make_codes(campaign.id, 1, "#########")

    assert sorted(Voucher.objects.values_list("code", flat=True)) == ["AB-CD-2346", "ABCD-2345"]
