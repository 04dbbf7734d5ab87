from uuid import UUID

import pytest

from points.imports import operations
from points.imports.models import Import, ImportRun
from points.imports.operations import reading
from points.ledger.models import Transaction
from shared.contracts.points import ImportRows
from shared.messaging.models import InboxMessage
from shared.testing.messages import deliver, envelope_of, example, told
from tests.factories import AT, make_programme
from tests.import_factories import make_import, work


@pytest.fixture
def import_id(monkeypatch: pytest.MonkeyPatch, db: None) -> UUID:
    monkeypatch.setattr(reading, "CHUNK", 2)
    make_programme()
    lines = "".join(f"00000000-0000-7000-8000-000000000001,{points}\n" for points in range(1, 6))
    made = make_import("Card,Points\n" + lines)
    operations.validate_import(made.id, at=AT)
    return made.id


def test_import_rows_is_as_agreed() -> None:
    said = ImportRows(import_id=UUID("019a0000-0000-7000-8000-0000000000f1"), step=1)

    assert said.payload() == example(ImportRows)


def test_the_same_message_does_its_chunk_once_and_asks_for_the_next(import_id: UUID) -> None:
    envelope = envelope_of(ImportRows(import_id=import_id, step=1))

    for _ in range(3):
        assert deliver(envelope, envelope).done

    assert ImportRun.objects.get().rows == 2
    assert InboxMessage.objects.count() == 1
    assert [said.step for said in told(ImportRows)] == [1, 2]


def test_a_chunk_asked_for_by_two_messages_is_done_once(import_id: UUID) -> None:
    for _ in range(2):
        assert deliver(ImportRows(import_id=import_id, step=1)).done

    assert ImportRun.objects.get().rows == 2
    assert [said.step for said in told(ImportRows)] == [1, 2]


def test_messages_alone_bring_a_commit_to_its_end(import_id: UUID) -> None:
    work()
    operations.commit_import(import_id, committed_by=import_id, at=AT)

    work()

    assert (Import.objects.get().state, Transaction.objects.count()) == ("done", 5)


def test_the_example_of_an_import_that_is_not_here_has_no_effect(db: None) -> None:
    receipt = deliver(ImportRows.read(example(ImportRows)))

    assert len(receipt.done) == 1
    assert not Import.objects.exists()
