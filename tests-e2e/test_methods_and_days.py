"""What every path does with HEAD, OPTIONS and ids in capitals, and what a day alone means; seen through the gateway."""

from uuid import uuid4

import pytest
from clients.api import Api, ok, refused
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")
BALANCE = "/api/v1/points/balance"


def test_a_head_is_a_get_without_its_body(member: Person, url: str) -> None:
    get, head = member.api.get(BALANCE), member.api.send("HEAD", BALANCE)

    assert (head.status_code, head.headers["Content-Type"], head.content) == (200, get.headers["Content-Type"], b"")
    # The connection is as good as before: nothing of a body was left in it.
    assert ok(member.api.get(BALANCE))["member_id"] == str(member.id)
    assert member.api.send("HEAD", "/api/v1/auth/users").status_code == 403
    assert Api(url).send("HEAD", BALANCE).status_code == 401


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (BALANCE, {"GET", "HEAD", "OPTIONS"}),
        ("/api/v1/wallets", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/api/v1/auth/me", {"GET", "HEAD", "PATCH", "OPTIONS"}),
        ("/api/v1/reports/freshness", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_say_which_methods_a_path_has(url: str, path: str, methods: set[str]) -> None:
    answer = Api(url).send("OPTIONS", path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["Allow"].split(", ")) == methods


def test_an_id_in_capitals_is_the_same_id(member: Person, operator: Person) -> None:
    path = f"/api/v1/points/members/{str(member.id).upper()}/balance"

    assert ok(operator.api.get(path))["member_id"] == str(member.id)


def test_a_campaign_ends_with_its_last_day_where_its_programme_is(operator: Person) -> None:
    body = {"name": f"New York {uuid4()}", "currency": "EUR", "timezone": "America/New_York"}
    programme = ok(operator.api.post("/api/v1/programmes", body), 201)
    terms = {"programme": programme["id"], "name": "until the last day", "kind": "percent", "percent": 5}

    campaign = ok(operator.api.post("/api/v1/vouchers/campaigns", {**terms, "ends_at": "2099-12-31"}), 201)

    assert campaign["ends_at"] == "2100-01-01T05:00:00Z"
    refusal = refused(
        operator.api.post("/api/v1/vouchers/campaigns", {**terms, "ends_at": "2099-12-31T00:00:00"}),
        400,
        "request.invalid",
    )
    assert [(one["field"], one["code"]) for one in refusal["errors"]] == [("ends_at", "offset_missing")]


def test_a_password_is_the_same_by_whatever_keyboard_it_is_typed(url: str) -> None:
    api, email = Api(url), f"{uuid4()}@example.com"
    ok(api.post("/api/v1/auth/register", {"email": email, "password": "Ålesund og Tromsø"}, key=None), 201)

    tokens = api.post("/api/v1/auth/token", {"email": email, "password": "A\u030alesund og Tromsø"}, key=None)

    assert ok(tokens)["token_type"] == "Bearer"
