from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.imports import operations
from points.imports.models import Import, ImportRun
from points.imports.operations import reading
from points.imports.queries import refusals_of
from points.ledger.models import Transaction
from shared.contracts.points import ImportRows
from shared.jobs.slices import time_slice
from shared.messaging.models import InboxMessage, OutboxMessage
from shared.testing.messages import deliver, do_in_a_slice, enqueued, envelope_of, example, published
from tests.factories import AT, make_programme
from tests.import_factories import make_import, work

CARD = "00000000-0000-7000-8000-000000000001"


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
    assert [said.step for said in published(ImportRows)] == [1, 2]


def test_a_chunk_enqueued_by_two_messages_is_done_once(import_id: UUID) -> None:
    for _ in range(2):
        assert deliver(ImportRows(import_id=import_id, step=1)).done

    assert ImportRun.objects.get().rows == 2
    assert [said.step for said in published(ImportRows)] == [1, 2]


def test_messages_alone_bring_a_commit_to_its_end(import_id: UUID) -> None:
    work()
    operations.commit_import(import_id, committed_by=import_id, at=AT)

    work()

    assert (Import.objects.get().state, Transaction.objects.count()) == ("done", 5)


def test_who_did_a_chunk_does_the_rest_and_reads_each_row_once(transactional_db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)
    make_programme()
    cards = [f"00000000-0000-7000-8000-00000000000{n}" for n in range(1, 8)]
    lines = [
        f"{cards[0]},1",
        "",
        f"{cards[1]},2",
        "no card,3",
        f'"{cards[2]}","4"',
        f"{cards[3]},-1",
        f"{cards[4]},6",
        cards[5],
    ]
    made = make_import("\n".join(["Card,Points", *lines]))

    with CaptureQueriesContext(connection) as queries:
        operations.validate_import(made.id, at=AT)
        in_one_slice(made.id)
        operations.commit_import(made.id, without_refused=True, committed_by=made.id, at=AT)
        in_one_slice(made.id)

    run = ImportRun.objects.get(kind="commit")
    assert (run.rows, run.accepted, run.refused, run.earned) == (7, 4, 3, 13)
    assert [one.row for one in refusals_of(made.id)] == [3, 5, 7]
    assert Import.objects.get().state == "done"
    assert not OutboxMessage.objects.filter(destination="points").exists()
    # For the heading, and for the eight chunks of both passes.
    assert sum("FROM points_import_piece" in one["sql"] for one in queries) == 2


def test_what_is_kept_of_one_file_is_not_another_s(transactional_db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "CHUNK", 1)
    make_programme()
    first, other = (make_import(f"Card,Points\n{CARD},{one}\n{CARD},{one + 1}\n{CARD},{one + 2}\n") for one in (1, 100))
    for one in (first, other):
        operations.validate_import(one.id, at=AT)
    work()
    for one in (first, other):
        operations.commit_import(one.id, committed_by=one.id, at=AT)

    # What this process keeps of one is not the other's.
    for step in (5, 6, 7):
        for one in (first, other):
            with time_slice():
                assert deliver(ImportRows(import_id=one.id, step=step)).done

    assert sorted(run.earned for run in ImportRun.objects.filter(kind="commit")) == [6, 303]
    assert Transaction.objects.count() == 6


def in_one_slice(import_id: UUID) -> None:
    """Let this process do all chunks of a pass, from the message that asks for the first of them."""
    [asked] = enqueued(ImportRows)
    do_in_a_slice(ImportRows, asked)
    assert Import.objects.get(id=import_id).state in ("validated", "done")


def test_the_example_of_an_import_that_is_not_here_has_no_effect(db: None) -> None:
    receipt = deliver(ImportRows.read(example(ImportRows)))

    assert len(receipt.done) == 1
    assert not Import.objects.exists()
