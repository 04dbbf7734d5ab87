import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from points.vouchers import jobs
from points.vouchers.models import CodeJob, Voucher
from shared import clock
from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.voucher_factories import claim, make_campaign

BASE = "/api/v1/vouchers"
pytestmark = pytest.mark.django_db


@pytest.fixture
def path() -> str:
    return f"{BASE}/campaigns/{make_campaign(status='draft').id}/codes"


def test_a_job_is_taken_and_reports_its_progress(operator: Actor, path: str) -> None:
    answer = operator.post(path, {"count": 30, "pattern": "SPRING-########"})

    assert answer.status_code == 202, answer.content
    job = answer.json()
    assert (job["state"], job["done"], job["total"], job["rate"]) == ("queued", 0, 30, 0)
    deliver(*published(GenerateCodes))
    now = operator.get(f"{BASE}/jobs/{job['id']}").json()
    assert (now["state"], now["done"], now["total"], now["error"]) == ("done", 30, 30, None)
    assert now["rate"] > 0
    assert Voucher.objects.filter(code__startswith="SPRING-").count() == 30


def test_a_job_in_the_middle_says_how_long_the_rest_takes(
    operator: Actor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 10)
    job = operator.post(path, {"count": 30, "pattern": "SPRING-########"}).json()
    assert job["eta_seconds"] is None
    deliver(published(GenerateCodes)[0])
    # Waiting for the first chunk is no work.
    CodeJob.objects.update(created_at=clock.now() - timedelta(hours=1), started_at=clock.now() - timedelta(seconds=100))

    now = operator.get(f"{BASE}/jobs/{job['id']}").json()
    assert (now["state"], now["done"], now["rate"]) == ("running", 10, 0)
    assert 195 <= now["eta_seconds"] <= 260
    deliver(published(GenerateCodes)[1])
    deliver(published(GenerateCodes)[2])
    assert operator.get(f"{BASE}/jobs/{job['id']}").json()["eta_seconds"] is None


def test_the_same_key_asks_for_one_job(operator: Actor, path: str) -> None:
    for _ in range(2):
        assert operator.post(path, {"count": 30}, key="k1").status_code == 202

    assert CodeJob.objects.count() == len(published(GenerateCodes)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"count": 0},
        {"count": -1},
        {"count": 10_000_001},
        {"count": 1.5},
        {"count": "10"},
        {"count": True},
        {"count": 10**30},
        {"count": 1, "pattern": "spring-####"},
        {"count": 1, "pattern": "SPRING"},
        {"count": 1, "pattern": "#" * 41},
        {"count": 1, "pattern": "A\x00####"},
        {"count": 1, "pattern": 7},
        {"count": 1, "unknown": 1},
        [],
    ],
)
def test_a_bad_body_is_refused(operator: Actor, path: str, body: Any) -> None:
    with nothing_written():
        answer = operator.post(path, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_a_pattern_that_can_be_guessed_is_refused(operator: Actor, path: str) -> None:
    with nothing_written():
        answer = operator.post(path, {"count": 1000, "pattern": "SPRING-####"})

    assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.code_space_too_small")
    assert answer.json()["largest_count"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_job_is_cancelled_and_cancelling_again_is_no_change(operator: Actor, path: str) -> None:
    job = operator.post(path, {"count": 30}).json()["id"]

    assert operator.post(f"{BASE}/jobs/{job}/cancel", key=None).json()["state"] == "cancelled"

    with nothing_written():
        assert operator.post(f"{BASE}/jobs/{job}/cancel", key=None).json()["state"] == "cancelled"
        operator.post(f"{BASE}/jobs/{new_id()}/cancel")
    deliver(*published(GenerateCodes))
    assert not Voucher.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_finished_job_is_not_cancelled(operator: Actor, path: str) -> None:
    job = operator.post(path, {"count": 3}).json()["id"]
    deliver(*published(GenerateCodes))

    with nothing_written():
        answer = operator.post(f"{BASE}/jobs/{job}/cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.job_finished")


def test_all_codes_are_downloaded(operator: Actor, member: Actor) -> None:
    campaign = make_campaign(codes=1200)
    taken = claim(campaign, member.id)

    answer = operator.get(f"{BASE}/campaigns/{campaign.id}/codes.csv")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert {line["code"] for line in lines} == set(Voucher.objects.values_list("code", flat=True))
    assert [line["code"] for line in lines if line["member_id"] == str(member.id)] == [taken.code]
    assert len(lines) == 1200


def test_a_campaign_without_codes_is_a_file_with_a_heading(operator: Actor, path: str) -> None:
    answer = operator.get(f"{path}.csv")

    assert b"".join(answer.streaming_content) == b"code,member_id,uses,uses_max,created_at,issued_at\r\n"


def test_codes_and_jobs_are_for_operators(operator: Actor, member: Actor, merchant: Actor, path: str) -> None:
    job = operator.post(path, {"count": 3}).json()["id"]

    for actor in (member, merchant):
        assert actor.get(f"{path}.csv").status_code == 403
        assert actor.get(f"{BASE}/jobs/{job}").status_code == 403
        assert actor.post(f"{BASE}/jobs/{job}/cancel").status_code == 403
    assert operator.get(f"{BASE}/jobs/{new_id()}").status_code == 404
    assert operator.get(f"{BASE}/campaigns/{new_id()}/codes.csv").status_code == 404
    assert operator.post(f"{BASE}/campaigns/{new_id()}/codes", {"count": 1}).status_code == 404
