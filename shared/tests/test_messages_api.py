"""What an operator sees of the messages and does about them, over HTTP; and what Prometheus reads."""

from uuid import UUID

import pytest

from shared import clock
from shared.messaging.models import OutboxMessage, SkippedMessage
from shared.messaging.outbox import publish
from shared.testing.actors import anonymous, path_of
from shared.testing.proofs import nothing_written
from tests.test_messages import payment, settle

pytestmark = pytest.mark.django_db
BASE = "/api/v1/points/messages"
UNKNOWN = "00000000-0000-7000-8000-0000000000ff"


@pytest.fixture
def parked() -> UUID:
    (message_id,) = publish([payment()])
    settle(unknown={message_id: "no handler"})
    return message_id


def test_an_operator_sees_what_is_parked_and_why(operator, parked):
    answer = operator.get(BASE).json()

    assert [(one["message_id"], one["last_error"]) for one in answer["results"]] == [(str(parked), "no handler")]
    assert answer["next"] is None


def test_an_operator_sees_what_waits_as_well(operator, parked):
    assert len(operator.get(BASE, state="waiting").json()["results"]) == 2


def test_pages_follow_one_another_and_lead_back(operator):
    publish([payment() for _ in range(4)])
    first = operator.get(BASE, state="waiting", page_size=3).json()
    second = operator.get(path_of(first["next"])).json()
    third = operator.get(path_of(second["next"])).json()

    pages = [[(one["message_id"], one["destination"]) for one in page["results"]] for page in (first, second, third)]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert [one for page in pages for one in page] == sorted({one for page in pages for one in page})
    assert (first["previous"], third["next"]) == (None, None)
    assert operator.get(path_of(third["previous"])).json() == second


def test_an_operator_sees_how_each_destination_fares(operator, parked):
    flows = {flow["destination"]: flow for flow in operator.get(f"{BASE}/flows").json()["results"]}

    assert (flows["warehouse"]["parked"], flows["points"]["waiting"]) == (1, 1)


def test_an_operator_sends_a_parked_message_again(operator, parked):
    answer = operator.post(f"{BASE}/resendings", {"ids": [str(parked)]})

    assert (answer.status_code, answer.json()) == (200, {"resent": 1})
    assert not OutboxMessage.objects.filter(parked_at__isnull=False).exists()


def test_an_operator_skips_a_parked_message_for_a_reason(operator, parked):
    answer = operator.post(f"{BASE}/{parked}/skip", {"destination": "warehouse", "reason": "published twice"})

    assert answer.status_code == 200
    assert answer.json() == {"message_id": str(parked), "destination": "warehouse", "reason": "published twice"}
    assert SkippedMessage.objects.get().skipped_by == str(operator.id)


def test_a_repeated_skip_has_the_same_answer(operator, parked):
    body = {"destination": "warehouse", "reason": "published twice"}
    first = operator.post(f"{BASE}/{parked}/skip", body, key="skip-1")
    again = operator.post(f"{BASE}/{parked}/skip", body, key="skip-1")

    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true"


REFUSED = {
    "not parked": (f"{BASE}/{{id}}/skip", {"destination": "points", "reason": "published twice"}, 404, "not_waiting"),
    "unknown id": (
        f"{BASE}/{UNKNOWN}/skip",
        {"destination": "points", "reason": "published twice"},
        404,
        "not_waiting",
    ),
    "no reason": (f"{BASE}/{{id}}/skip", {"destination": "warehouse"}, 400, "request.invalid"),
    "unknown service": (
        f"{BASE}/{{id}}/skip",
        {"destination": "moon", "reason": "published twice"},
        400,
        "request.invalid",
    ),
    "NUL": (f"{BASE}/{{id}}/skip", {"destination": "warehouse", "reason": "a\x00b!"}, 400, "request.invalid"),
    "no ids": (f"{BASE}/resendings", {"ids": []}, 400, "request.invalid"),
    "no uuid": (f"{BASE}/resendings", {"ids": ["x"]}, 400, "request.invalid"),
    "unknown field": (f"{BASE}/resendings", {"id": UNKNOWN}, 400, "request.invalid"),
}


@pytest.mark.parametrize(("path", "body", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_and_changes_nothing(operator, parked, path, body, status, code):
    OutboxMessage.objects.filter(destination="points").delete()
    with nothing_written():
        answer = operator.post(path.format(id=parked), body)

    assert answer.status_code == status
    assert answer.json()["code"].endswith(code)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_message_that_is_on_its_way_is_not_skipped(operator, parked):
    with nothing_written():
        answer = operator.post(f"{BASE}/{parked}/skip", {"destination": "points", "reason": "published twice"})

    assert (answer.status_code, answer.json()["code"]) == (409, "messages.not_parked")


@pytest.mark.parametrize("query", [{"state": "lost"}, {"cursor": "x"}, {"cursor": "x" * 81}, {"colour": "red"}])
def test_a_wrong_question_is_refused(operator, query):
    assert operator.get(BASE, **query).status_code == 400


PATHS = [("get", BASE), ("get", f"{BASE}/flows"), ("post", f"{BASE}/resendings"), ("post", f"{BASE}/{UNKNOWN}/skip")]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_it_is_for_operators_only(member, analyst, merchant, method, path):
    with nothing_written():
        answers = [getattr(actor, method)(path).status_code for actor in (member, analyst, merchant)]

    assert answers == [403, 403, 403]
    assert getattr(anonymous(), method)(path).status_code == 401


def test_prometheus_reads_depth_age_parked_and_resent_for_each_destination(client, parked):
    text = client.get("/metrics").content.decode()

    assert 'messages_parked{destination="warehouse"} 1.0' in text
    assert 'messages_waiting{destination="points",lane="interactive"} 1.0' in text
    assert 'messages_waiting{destination="points",lane="bulk"} 0.0' in text
    assert 'messages_resent_total{destination="points"} 0.0' in text
    assert 'messages_oldest_seconds{destination="points",lane="interactive"}' in text


def test_prometheus_reads_how_long_ago_both_sides_agreed(client):
    from shared.messaging.models import Peer

    Peer.objects.create(name="points", compared_at=clock.machine_now(), agreed_at=clock.now())

    assert 'messages_agreed_age_seconds{destination="points"}' in client.get("/metrics").content.decode()
