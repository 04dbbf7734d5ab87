from datetime import timedelta
from typing import Any

import pytest

from points.vouchers import operations
from points.vouchers.models import VoucherCampaign
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import make_programme
from tests.voucher_factories import make_campaign

PATH = "/api/v1/vouchers/campaigns"
EUR = {"amount": 500, "currency": "EUR"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def terms(**changes: Any) -> dict[str, Any]:
    now = clock.now()
    body = {"name": "5 EUR off", "kind": "amount", "amount": EUR, "ends_at": clock.iso(now + timedelta(days=30))}
    return {name: value for name, value in (body | changes).items() if value is not ...}


def current(**changes: Any) -> VoucherCampaign:
    now = clock.now()
    return make_campaign(**{"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=30), **changes})


def test_a_campaign_is_made_in_the_default_programme_and_starts_now(operator: Actor, programme: Any) -> None:
    before = clock.now()

    answer = operator.post(PATH, terms(price_points=300, uses_per_member=2))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["status"], body["amount"], body["currency"]) == ("draft", EUR, "EUR")
    assert (body["programme"], body["price_points"], body["uses_per_member"]) == (str(programme.id), 300, 2)
    assert (body["uses_per_code"], body["uses_total"], body["codes_total"]) == (1, None, 0)
    assert body["starts_at"] >= clock.iso(before)
    assert operator.get(f"{PATH}/{body['id']}").json() == body


def test_a_percentage_may_have_a_maximum(operator: Actor) -> None:
    answer = operator.post(PATH, terms(kind="percent", amount=..., percent=15, max_discount=EUR, min_spend=EUR))

    body = answer.json()
    assert (body["percent"], body["max_discount"], body["min_spend"], body["amount"]) == (15, EUR, EUR, None)


def test_the_same_key_makes_one_campaign(operator: Actor) -> None:
    body = terms()
    first, second = operator.post(PATH, body, key="k1"), operator.post(PATH, body, key="k1")

    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert VoucherCampaign.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "item"},
        {"kind": []},
        {"amount": ...},
        {"amount": 500},
        {"amount": {"amount": 0, "currency": "EUR"}},
        {"amount": {"amount": -1, "currency": "EUR"}},
        {"amount": {"amount": 1.5, "currency": "EUR"}},
        {"amount": {"amount": 10**12 + 1, "currency": "EUR"}},
        {"amount": {"amount": 10**30, "currency": "EUR"}},
        {"amount": {"amount": 5, "currency": "XXX"}},
        {"amount": {"amount": 5, "currency": "EUR", "x": 1}},
        {"percent": 10},
        {"max_discount": EUR},
        {"kind": "percent", "amount": ..., "percent": 0},
        {"kind": "percent", "amount": ..., "percent": 101},
        {"kind": "percent", "amount": ..., "percent": 9.5},
        {"kind": "percent", "amount": ...},
        {"min_spend": {"amount": 5, "currency": "USD"}},
        {"currency": "USD"},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"name": 7},
        {"ends_at": ...},
        {"ends_at": "tomorrow"},
        {"ends_at": "2020-01-01T00:00:00Z"},
        {"starts_at": "9999-12-31T23:59:59-14:00"},
        {"uses_per_code": 0},
        {"uses_per_member": -1},
        {"uses_total": True},
        {"price_points": -1},
        {"price_points": 10**12 + 1},
        {"programme": "none"},
        {"status": "active"},
        {"unknown": 1},
    ],
)
def test_terms_that_cannot_be_are_refused(operator: Actor, changes: dict[str, Any]) -> None:
    with nothing_written():
        answer = operator.post(PATH, terms(**changes))

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] in ("request.invalid", "vouchers.campaign_terms_invalid")


def test_a_programme_that_is_not_there_has_no_campaigns(operator: Actor) -> None:
    with nothing_written():
        assert operator.post(PATH, terms(programme=str(new_id()))).status_code == 404


def test_operators_see_all_campaigns_and_members_those_that_are_open(operator: Actor, member: Actor) -> None:
    shown = current(name="open", codes=1)
    for hidden in ("draft", "paused", "ended"):
        current(name=hidden, status=hidden)
    current(name="later", starts_at=clock.now() + timedelta(days=1))

    names = {campaign["name"] for campaign in operator.get(PATH).json()["results"]}
    (seen,) = member.get(PATH).json()["results"]

    assert names == {"open", "draft", "paused", "ended", "later"}
    assert (seen["id"], seen["is_sold_out"], seen["price_points"]) == (str(shown.id), False, 0)
    assert not {"uses_total", "codes_total", "claimed", "used"} & seen.keys()


def test_a_draft_is_not_there_for_members(operator: Actor, member: Actor) -> None:
    draft = current(status="draft")

    assert member.get(f"{PATH}/{draft.id}").status_code == 404
    assert operator.get(f"{PATH}/{draft.id}").status_code == 200
    assert operator.get(f"{PATH}/{new_id()}").status_code == 404


def test_campaigns_come_page_by_page(operator: Actor) -> None:
    for number in range(3):
        current(name=str(number))

    page = operator.get(PATH, page_size=2).json()
    rest = operator.get(page["next"]).json()

    assert len(page["results"]) == 2
    assert len(rest["results"]) == 1
    assert rest["next"] is None


@pytest.mark.parametrize("cursor", ["cD1nYXJiYWdl", "cD0AAA=="])
def test_a_forged_cursor_is_refused(operator: Actor, cursor: str) -> None:
    assert operator.get(PATH, cursor=cursor).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_campaign_is_activated_paused_and_ended_and_again_is_no_change(operator: Actor) -> None:
    path = f"{PATH}/{current(status='draft').id}"

    for move, status in (("activate", "active"), ("pause", "paused"), ("activate", "active"), ("end", "ended")):
        assert operator.post(f"{path}/{move}", key=None).json()["status"] == status
        with nothing_written():
            assert operator.post(f"{path}/{move}", key=None).json()["status"] == status
    with nothing_written():
        refused = operator.post(f"{path}/activate")
    assert (refused.status_code, refused.json()["code"]) == (409, "vouchers.move_not_allowed")
    assert (refused.json()["status_now"], refused.json()["requested"]) == ("ended", "active")


def test_a_draft_is_changed(operator: Actor) -> None:
    path = f"{PATH}/{current(status='draft').id}"

    answer = operator.patch(path, {"amount": {"amount": 700, "currency": "EUR"}, "name": "7 EUR off", "uses_total": 9})

    assert answer.status_code == 200, answer.content
    assert (answer.json()["amount"]["amount"], answer.json()["name"], answer.json()["uses_total"]) == (
        700,
        "7 EUR off",
        9,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": EUR}, 409, "vouchers.campaign_frozen"),
        ({"price_points": 5}, 409, "vouchers.campaign_frozen"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 400, "vouchers.campaign_terms_invalid"),
        ({"amount": {"amount": 5, "currency": "USD"}}, 400, "request.invalid"),
        ({"status": "ended"}, 400, "request.invalid"),
        ({"uses_total": 0}, 400, "request.invalid"),
        ({}, 400, "request.invalid"),
    ],
)
def test_a_change_that_cannot_be_is_refused(operator: Actor, changes: dict[str, Any], status: int, code: str) -> None:
    path = f"{PATH}/{current().id}"

    with nothing_written():
        answer = operator.patch(path, changes)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("move", ["", "/activate", "/pause", "/end", "/codes"])
def test_only_operators_make_and_move_campaigns(member: Actor, merchant: Actor, analyst: Actor, move: str) -> None:
    path = f"{PATH}/{current().id}{move}" if move else PATH

    with nothing_written():
        for actor in (member, merchant, analyst):
            assert actor.post(path, terms()).status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("move", ["activate", "pause", "end"])
def test_an_absent_campaign_cannot_be_moved(operator: Actor, move: str) -> None:
    with nothing_written():
        assert operator.post(f"{PATH}/{new_id()}/{move}").status_code == 404


def test_only_operators_change_campaigns(member: Actor) -> None:
    with nothing_written():
        assert member.patch(f"{PATH}/{new_id()}", {"name": "mine"}).status_code == 403


def test_a_sold_out_campaign_says_so(member: Actor, other_member: Actor) -> None:
    campaign = current(codes=1)
    operations.claim_voucher(campaign.id, member_id=other_member.id, actor_id=other_member.id, at=clock.now())

    assert member.get(f"{PATH}/{campaign.id}").json()["is_sold_out"] is True


def test_a_day_alone_is_the_programmes_and_as_an_end_its_end(operator: Actor) -> None:
    there = make_programme(timezone="America/New_York")
    body = terms(programme=str(there.id), starts_at="2026-12-01", ends_at="2026-12-31")

    made = operator.post(PATH, body).json()

    assert (made["starts_at"], made["ends_at"]) == ("2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z")
    changed = operator.patch(f"{PATH}/{made['id']}", {"starts_at": "2026-11-01", "ends_at": "2026-11-01"}).json()
    # The day on which the clocks go back has 25 hours.
    assert (changed["starts_at"], changed["ends_at"]) == ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")


@pytest.mark.parametrize("name", ["starts_at", "ends_at"])
def test_a_time_that_is_neither_day_nor_instant_is_told_that_both_are_taken(operator: Actor, name: str) -> None:
    (error,) = operator.post(PATH, terms(**{name: "31.12.2026"})).json()["errors"]

    assert (error["field"], error["code"]) == (name, "invalid")
    assert error["detail"] == "A day as YYYY-MM-DD, or an instant as 2026-12-31T18:00:00+01:00, is expected."


@pytest.mark.parametrize("name", ["starts_at", "ends_at"])
@pytest.mark.parametrize(
    ("said", "code"), [("2026-12-31T23:59:59", "offset_missing"), ("20261231", "invalid"), ("2026-W53-4", "invalid")]
)
def test_an_instant_of_a_campaign_needs_its_offset(operator: Actor, name: str, said: str, code: str) -> None:
    campaign = current()
    for ask in (
        lambda body: operator.post(PATH, terms(**body)),
        lambda body: operator.patch(f"{PATH}/{campaign.id}", body),
    ):
        with nothing_written():
            answer = ask({name: said})
        errors = answer.json()["errors"]
        assert (answer.status_code, [(one["field"], one["code"]) for one in errors]) == (400, [(name, code)])
