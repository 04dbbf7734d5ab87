"""The runner of long jobs, on one whose chunks are notes and whose row is kept in memory."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.points import GenerateCodes
from shared.errors import MemberUnknown, NotFound
from shared.ids import new_id
from shared.jobs.runner import Job
from shared.messaging.inbox import each
from shared.messaging.models import OutboxMessage
from shared.testing.messages import published
from tests.chunks_of_a_job import JOB, LAST, done, receive
from tests.project.notes.models import Note

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


@dataclass
class Row:
    """How far the job is."""

    chunk: int = 0
    state: str = "queued"
    error: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Notes(Job[Any]):
    """Each chunk is a note; what else happens in one, `before` and `behind` its yield, is up to the test."""

    not_found, has_ended = NotFound, MemberUnknown

    def __init__(self, *, is_overlapping: bool = False) -> None:
        self.saved: list[Row] = []
        self.is_overlapping, self.may_claim = is_overlapping, True
        self.before: Callable[[int], object] = lambda chunk: None
        self.behind: Callable[[int], object] = lambda chunk: None

    @property
    def now(self) -> Row:
        """The row as it was saved last."""
        return self.saved[-1] if self.saved else Row()

    def locked(self, job_id: Any) -> Any:
        return copy(self.now) if job_id == JOB else None

    def keep(self, row: Any) -> None:
        self.saved.append(copy(row))

    def message(self, row: Any) -> GenerateCodes:
        return GenerateCodes(job_id=JOB, chunk=row.chunk)

    def overlaps(self, row: Any) -> bool:
        return self.is_overlapping

    def claim(self, *, waits: bool) -> bool:
        return waits or self.may_claim

    def work(self, row: Any, *, at: datetime) -> Iterator[bool]:
        chunk = row.chunk
        self.before(chunk)
        yield chunk < LAST
        self.behind(chunk)
        Note.objects.create(text=str(chunk))

    def run(self, chunk: int = 0) -> None:
        """Do a chunk, and all that follow it in its time slice."""
        receive(chunk, by={GenerateCodes: each(lambda said: self.run_chunk(JOB, chunk=said.chunk, at=AT))})


@pytest.fixture(autouse=True)
def we_are_points(settings: Any) -> None:
    settings.SERVICE = "points"


@pytest.mark.parametrize("is_overlapping", [False, True])
def test_chunk_follows_chunk_until_none_is_left(is_overlapping: bool) -> None:
    job = Notes(is_overlapping=is_overlapping)

    job.run()

    assert done() == ["0", "1", "2", "3"]
    assert [(row.chunk, row.state) for row in job.saved] == [
        (1, "running"),
        (2, "running"),
        (3, "running"),
        (4, "done"),
    ]
    assert (job.now.started_at, job.now.error) == (AT, "")
    assert job.now.finished_at is not None
    assert AT < job.now.finished_at < AT + timedelta(minutes=1)
    assert not OutboxMessage.objects.exists()


def test_a_stale_chunk_is_left_alone() -> None:
    job = Notes()
    for chunk in (1, 7):
        job.run_chunk(JOB, chunk=chunk, at=AT)
    job.cancel(JOB, at=AT)
    job.run_chunk(JOB, chunk=0, at=AT)

    assert (done(), published(GenerateCodes), len(job.saved)) == ([], [], 1)


def test_a_refusal_ends_the_job_and_nothing_of_its_chunk_is_kept() -> None:
    job = Notes()

    def refuse(chunk: int) -> None:
        if chunk == 2:
            Note.objects.create(text="undone")
            raise MemberUnknown()

    job.before = refuse
    job.run()

    assert done() == ["0", "1"]
    assert (job.now.state, job.now.error, job.now.chunk) == ("failed", "members.unknown", 2)
    assert job.now.finished_at is not None
    assert job.now.finished_at > AT
    assert not OutboxMessage.objects.exists()


def test_a_defect_leaves_the_job_where_it_is_and_its_message_due() -> None:
    job = Notes()

    def fail(chunk: int) -> None:
        if chunk == 2:
            raise ZeroDivisionError

    job.behind = fail
    job.run()

    assert (done(), job.now.chunk, job.now.state) == (["0", "1"], 2, "running")
    assert [waiting.chunk for waiting in published(GenerateCodes)] == [2]


def test_a_job_is_cancelled_after_the_chunk_in_hand() -> None:
    job = Notes()
    job.run_chunk(JOB, chunk=0, at=AT)

    assert job.cancel(JOB, at=LATER).finished_at == LATER
    assert job.cancel(JOB, at=LATER + timedelta(hours=1)).finished_at == LATER

    job.run_chunk(JOB, chunk=1, at=LATER)
    assert (done(), job.now.state) == (["0"], "cancelled")


def test_what_has_ended_or_is_not_there_cannot_be_cancelled() -> None:
    job = Notes()
    job.run()

    with pytest.raises(MemberUnknown) as refusal:
        job.cancel(JOB, at=AT)
    assert refusal.value.members == {"state": "done"}
    with pytest.raises(NotFound):
        job.cancel(new_id(), at=AT)


def cancel_of(job: Notes) -> None:
    job.cancel(JOB, at=AT)


def lose_the_claim(job: Notes) -> None:
    job.may_claim = False


@pytest.mark.parametrize("happens", [cancel_of, lose_the_claim])
def test_nothing_is_kept_of_an_overlapping_chunk_that_is_stale_at_its_end(
    happens: Callable[[Notes], None], caplog: pytest.LogCaptureFixture
) -> None:
    job = Notes(is_overlapping=True)
    claimed = job._claimed

    def claimed_too_late(*given: Any, waits: bool) -> Any:
        if not waits:
            happens(job)
        return claimed(*given, waits=waits)

    job._claimed = claimed_too_late  # type: ignore[method-assign]
    job.run()

    # The third is the first to overlap its predecessor.
    assert done() == ["0", "1"]
    assert "ERROR" not in caplog.text
    assert [waiting.chunk for waiting in published(GenerateCodes)] == [2]
