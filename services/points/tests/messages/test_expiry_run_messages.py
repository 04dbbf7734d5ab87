from uuid import UUID

import pytest

from points.expiry.models import ExpiryRun
from points.expiry.operations import expiry_runs as runs
from points.ledger.models import Transaction
from shared.contracts.points import ExpireLots
from shared.jobs import runner
from shared.messaging.models import InboxMessage
from shared.testing.messages import deliver, envelope_of, example, published
from tests.expiry_factories import give_dead, progress, start, work
from tests.factories import make_programme


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, db: None) -> ExpiryRun:
    monkeypatch.setattr(runs, "CHUNK", 2)
    make_programme()
    give_dead(1, 2, 3, 4, 5)
    return start()


def test_expire_lots_is_as_agreed() -> None:
    said = ExpireLots(run_id=UUID("019a0000-0000-7000-8000-000000000101"), chunk=0)

    assert said.payload() == example(ExpireLots)


def test_the_same_message_does_its_chunk_once_and_asks_for_the_next(run: ExpiryRun) -> None:
    envelope = envelope_of(ExpireLots(run_id=run.id, chunk=0))

    for _ in range(3):
        assert deliver(envelope, envelope).done

    assert progress(run) == ("running", 2, 5, 3)
    assert InboxMessage.objects.count() == 1
    assert [said.chunk for said in published(ExpireLots)] == [0, 1]


def test_a_chunk_enqueued_by_two_messages_is_done_once(run: ExpiryRun) -> None:
    for _ in range(2):
        assert deliver(ExpireLots(run_id=run.id, chunk=0)).done

    assert progress(run) == ("running", 2, 5, 3)
    assert [said.chunk for said in published(ExpireLots)] == [0, 1]


def test_a_worker_killed_in_a_chunk_leaves_no_trace_and_the_message_comes_again(
    run: ExpiryRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise MemoryError

    message = envelope_of(ExpireLots(run_id=run.id, chunk=0))
    with monkeypatch.context() as patch:
        patch.setattr(runner, "enqueue_next", killed)
        assert deliver(message).failed
    assert (progress(run), InboxMessage.objects.count()) == (("queued", 0, 5, 0), 0)
    assert not Transaction.objects.filter(kind="expired").exists()

    assert deliver(message).done
    assert progress(run) == ("running", 2, 5, 3)


def test_messages_alone_bring_a_run_to_its_end(run: ExpiryRun) -> None:
    assert work() == 3

    assert progress(run) == ("done", 5, 5, 15)


def test_the_example_of_a_run_that_is_not_here_has_no_effect(db: None) -> None:
    receipt = deliver(ExpireLots.read(example(ExpireLots)))

    assert len(receipt.done) == 1
    assert not ExpiryRun.objects.exists()
