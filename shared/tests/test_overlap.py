"""Chunks of a long job that begin before their predecessors have committed."""

from threading import Event, current_thread

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from shared import clock
from shared.contracts.points import GenerateCodes
from shared.db import Prepared, start_writes
from shared.ids import new_id
from shared.jobs import overlap, slices
from shared.jobs.overlap import Chunk, StaleChunk, current
from shared.jobs.slices import enqueue_next
from shared.messaging.inbox import Delivery, Handlers, each
from shared.messaging.models import InboxMessage, OutboxMessage, PublishedMessage
from shared.testing.messages import envelope_of
from tests.chunks_of_a_job import JOB, LAST, done, receive
from tests.project.notes.models import Note

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def we_are_points(settings):
    settings.SERVICE = "points"


# Longer than anything here takes: who waits so long waits for nothing.
ENOUGH = 20


class Job:
    """A job whose chunks overlap: what each sees, and when."""

    def __init__(self) -> None:
        self.begun = {chunk: Event() for chunk in range(LAST + 2)}
        self.states: list[object] = []
        self.seen: dict[int, list[list[str]]] = {}
        self.may_end = lambda chunk: None

    def do(self, said: GenerateCodes) -> None:
        """Note a chunk, let the next begin, and end when that has begun."""
        self.begun[said.chunk].set()
        self.states.append(overlap.state())
        self.seen[said.chunk] = [done()]
        if said.chunk < LAST:
            following = GenerateCodes(job_id=JOB, chunk=said.chunk + 1)
            enqueue_next(following, at=clock.now(), overlap_state={"from": said.chunk})
            if said.chunk:
                assert self.begun[said.chunk + 1].wait(ENOUGH)
        self.may_end(said.chunk)
        overlap.wait_for_predecessor()
        self.seen[said.chunk].append(done())
        Note.objects.create(text=str(said.chunk))

    @property
    def by(self) -> Handlers:
        return {GenerateCodes: each(self.do)}


@pytest.fixture
def job() -> Job:
    return Job()


def test_a_chunk_begins_while_its_predecessor_has_not_committed_and_ends_after_it(job):
    receive(by=job.by)

    assert done() == ["0", "1", "2", "3"]
    # The first in a slice, and the one after it, begin as any: their predecessors have committed.
    assert job.states == [None, None, {"from": 1}, {"from": 2}]
    assert job.seen[2][0] == ["0"]
    assert job.seen[2][1] == ["0", "1"]
    assert job.seen[3][1] == ["0", "1", "2"]
    assert not OutboxMessage.objects.exists()
    published = set(PublishedMessage.objects.values_list("message_id", flat=True))
    assert len(published) == 3
    assert published < set(InboxMessage.objects.values_list("message_id", flat=True))


def test_overlapping_chunks_are_caused_by_their_predecessors(job):
    first = new_id()
    receive(by=job.by, message_id=first)

    found = list(PublishedMessage.objects.order_by("message_id"))
    assert [one.causation_id for one in found] == [str(first), *(str(one.message_id) for one in found[:-1])]
    assert {one.correlation_id for one in found} == {"journey-0001"}


def test_nothing_is_kept_of_a_chunk_whose_predecessor_fails(job, caplog):
    def fail_at_one(chunk: int) -> None:
        if chunk == 1:
            raise ZeroDivisionError

    job.may_end = fail_at_one
    receive(by=job.by)

    assert job.begun[2].is_set()
    assert done() == ["0"]
    # Of the second nobody was told: it was asked for by what was undone. The first is due at once.
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.machine_now()
    assert PublishedMessage.objects.count() == 1
    assert caplog.text.count("Traceback") == 1

    job.may_end = lambda chunk: None
    receive(1, by=job.by, message_id=waiting.message_id)
    assert done() == ["0", "1", "2", "3"]


def test_a_stale_chunk_comes_again_and_is_no_defect(job, caplog):
    def be_overtaken(chunk: int) -> None:
        if chunk == 2:
            raise StaleChunk("somebody else was quicker")

    job.may_end = be_overtaken
    receive(by=job.by)

    assert done() == ["0", "1"]
    [waiting] = OutboxMessage.objects.all()
    assert waiting.next_attempt_at <= clock.machine_now()
    assert not InboxMessage.objects.filter(message_id=waiting.message_id).exists()
    assert "ERROR" not in caplog.text

    job.may_end = lambda chunk: None
    receive(2, by=job.by, message_id=waiting.message_id)
    assert done() == ["0", "1", "2", "3"]


def test_a_chunk_whose_predecessor_was_aborted_begins_no_other():
    begun = {chunk: Event() for chunk in range(LAST + 1)}

    def do(said: GenerateCodes) -> None:
        begun[said.chunk].set()
        if said.chunk == 2:
            assert not current.get().predecessor.committed.result(ENOUGH)
        enqueue_next(GenerateCodes(job_id=JOB, chunk=said.chunk + 1), at=clock.now(), overlap_state=True)
        if said.chunk == 1:
            assert begun[2].wait(ENOUGH)
            raise ZeroDivisionError
        Note.objects.create(text=str(said.chunk))

    receive(by={GenerateCodes: each(do)})

    assert done() == ["0"]
    assert [chunk for chunk, event in begun.items() if event.is_set()] == [0, 1, 2]


def test_a_chunk_whose_predecessor_was_aborted_before_it_began_does_nothing():
    aborted, handled = Chunk(Delivery(None, None)), []
    aborted.committed.set_result(False)
    message = GenerateCodes(job_id=JOB, chunk=1)
    overlapping = Chunk(Delivery(envelope_of(message, producer="points"), message), "state", aborted)

    slices._do(overlapping, {GenerateCodes: each(lambda said: handled.append(said))})

    assert handled == []
    assert overlapping.committed.result() is False


def test_nothing_is_kept_of_a_chunk_that_forgets_to_wait_either():
    ends = Event()

    def forget(said: GenerateCodes) -> None:
        Note.objects.create(text=str(said.chunk))
        if said.chunk < 2:
            following = GenerateCodes(job_id=JOB, chunk=said.chunk + 1)
            enqueue_next(following, at=clock.now(), overlap_state=True)
        else:
            ends.set()
        if said.chunk == 1:
            assert ends.wait(ENOUGH)
            raise ZeroDivisionError

    receive(by={GenerateCodes: each(forget)})

    assert done() == ["0"]


def test_what_an_overlapping_chunk_starts_to_write_waits_for_its_predecessor(job, monkeypatch):
    wrote = Prepared("overlapping_note", "INSERT INTO note (text) VALUES (%(text)s::text)")
    waits, wait = Event(), Chunk.wait_for_predecessor

    def tell_who_waits(chunk: Chunk) -> None:
        if current_thread().name.startswith("writes"):
            waits.set()
        wait(chunk)

    def write(chunk: int) -> None:
        if chunk == 2:
            wrote.later({"text": "overlapping"})
            start_writes()
        elif chunk == 1:
            assert waits.wait(ENOUGH)

    monkeypatch.setattr(Chunk, "wait_for_predecessor", tell_who_waits)
    job.may_end = write
    receive(by=job.by)

    assert done() == ["0", "1", "overlapping", "2", "3"]


def test_the_connections_of_overlapping_chunks_end_with_the_slice(job):
    links = []
    job.may_end = lambda chunk: links.append(connections[DEFAULT_DB_ALIAS])
    receive(by=job.by)

    others = [link for link in links if link is not connections[DEFAULT_DB_ALIAS]]
    assert len(others) == 2
    assert [link.connection for link in others] == [None, None]
