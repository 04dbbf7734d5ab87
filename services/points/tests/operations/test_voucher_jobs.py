from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.vouchers import codes, errors, jobs, operations, queries
from points.vouchers.models import Voucher
from shared.contracts.points import GenerateCodes
from shared.errors import NotFound
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.voucher_factories import AT, OPERATOR, make_campaign, make_codes, refused

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(seconds=3)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 10)


def start(campaign_id: Any, count: int, pattern: str = "####-####-####") -> Any:
    return jobs.start_code_job(campaign_id, count=count, pattern=pattern, requested_by=OPERATOR, at=AT)


def test_a_job_is_only_asked_for_at_first() -> None:
    campaign = make_campaign(status="draft")

    job = start(campaign.id, 25)

    assert (job.state, job.done, job.count) == ("queued", 0, 25)
    assert published(GenerateCodes) == [GenerateCodes(job_id=job.id, chunk=0)]
    assert not Voucher.objects.exists()


@pytest.mark.usefixtures("small_chunks")
def test_chunk_follows_chunk_until_there_are_exactly_as_many_as_asked_for() -> None:
    campaign = make_campaign(status="draft")
    job = start(campaign.id, 25)

    progress = []
    for chunk in range(3):
        jobs.CODE_JOBS.run_chunk(job.id, chunk=chunk, at=LATER)
        now = queries.code_job(job.id)
        progress.append((now.state, now.done, Voucher.objects.count(), queries.campaign(campaign.id).codes_total))

    assert progress == [("running", 10, 10, 10), ("running", 20, 20, 20), ("done", 25, 25, 25)]
    assert [said.chunk for said in published(GenerateCodes)] == [0, 1, 2]
    finished = queries.code_job(job.id)
    # The last chunk takes its time too.
    assert finished.started_at == LATER
    assert finished.finished_at
    assert LATER < finished.finished_at < LATER + timedelta(minutes=5)


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_that_was_made_is_not_made_again() -> None:
    job = start(make_campaign(status="draft").id, 25)
    jobs.CODE_JOBS.run_chunk(job.id, chunk=0, at=LATER)

    for chunk in (0, 2, 99):
        with nothing_written():
            jobs.CODE_JOBS.run_chunk(job.id, chunk=chunk, at=LATER)


def test_collisions_are_topped_up(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = make_campaign(status="draft")
    make_codes(campaign.id, 50)
    taken = list(Voucher.objects.values_list("code", flat=True))
    drawn = [taken[:30], codes.random_codes("####-####-####", 200)]

    def draw(pattern: str, count: int) -> list[str]:
        return drawn.pop(0)[:count] if drawn else codes.random_codes(pattern, count)

    monkeypatch.setattr(jobs, "random_codes", draw)
    make_codes(campaign.id, 40)

    assert Voucher.objects.count() == 90
    assert not drawn
    assert queries.campaign(campaign.id).codes_total == 90


def test_codes_take_the_campaigns_number_of_uses() -> None:
    make_campaign(codes=2, uses_per_code=7)

    assert list(Voucher.objects.values_list("uses", "uses_max")) == [(0, 7), (0, 7)]


def test_too_few_possible_codes_are_refused_counting_those_there_are() -> None:
    campaign = make_campaign(status="draft")
    make_codes(campaign.id, 1000, "SPRING-#######")

    with refused(errors.CodeSpaceTooSmall) as refusal:
        start(campaign.id, 74, "SPRING-#######")
    assert refusal.value.members == {"largest_count": 73}
    other = make_campaign(status="draft")
    start(other.id, 73, "SPRING-#######")


@pytest.mark.usefixtures("small_chunks")
def test_a_cancelled_job_keeps_what_it_made_and_frees_the_rest_of_its_space() -> None:
    campaign = make_campaign(status="draft")
    job = start(campaign.id, 1000, "SPRING-#######")
    jobs.CODE_JOBS.run_chunk(job.id, chunk=0, at=LATER)

    jobs.CODE_JOBS.cancel(job.id, at=LATER)

    jobs.CODE_JOBS.run_chunk(job.id, chunk=1, at=LATER)
    now = jobs.CODE_JOBS.cancel(job.id, at=LATER + timedelta(hours=1))
    assert (now.state, now.done, now.finished_at) == ("cancelled", 10, LATER)
    assert Voucher.objects.count() == 10
    start(campaign.id, 1063, "SPRING-#######")


def test_a_job_that_is_done_cannot_be_cancelled() -> None:
    job_id = make_codes(make_campaign(status="draft").id, 1)

    with refused(errors.JobFinished) as refusal:
        jobs.CODE_JOBS.cancel(job_id, at=LATER)
    assert refusal.value.members == {"state": "done"}


@pytest.mark.usefixtures("small_chunks")
def test_a_job_fails_when_its_campaign_has_ended() -> None:
    campaign = make_campaign(status="draft")
    job = start(campaign.id, 25)
    jobs.CODE_JOBS.run_chunk(job.id, chunk=0, at=LATER)
    operations.move_campaign(campaign.id, requested="ended", at=LATER)

    jobs.CODE_JOBS.run_chunk(job.id, chunk=1, at=LATER)

    now = queries.code_job(job.id)
    assert (now.state, now.done, now.error) == ("failed", 10, "vouchers.campaign_not_active")
    with refused(errors.CampaignNotActive):
        start(campaign.id, 1)


def test_an_absent_campaign_gets_no_job() -> None:
    with refused(NotFound):
        start(new_id(), 1)
    with refused(NotFound):
        jobs.CODE_JOBS.cancel(new_id(), at=AT)


def test_the_number_of_statements_does_not_grow_with_the_codes() -> None:
    campaign = make_campaign(status="draft")

    counted = []
    for count in (5, 5000):
        job = start(campaign.id, count)
        with CaptureQueriesContext(connection) as statements:
            jobs.CODE_JOBS.run_chunk(job.id, chunk=0, at=LATER)
        counted.append(len(statements))

    assert counted[0] == counted[1]


def test_all_codes_of_a_campaign_are_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_PAGE", 3)
    campaign = make_campaign(codes=7)
    make_campaign(codes=2)

    read = [row[1] for row in queries.codes_of(campaign.id)]

    assert sorted(read) == sorted(Voucher.objects.filter(campaign=campaign).values_list("code", flat=True))


def test_the_ids_that_decide_who_gets_which_code_are_random_and_of_version_seven() -> None:
    made = [UUID(text) for text in jobs._ids_in_no_order(1000)]

    assert {identifier.version for identifier in made} == {7}
    assert len(set(made)) == 1000
    assert 400 < sum(first < second for first, second in pairwise(made)) < 600
