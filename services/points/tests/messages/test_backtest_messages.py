"""What backtests ask of themselves: as agreed, each chunk once, and nothing of one that is not here."""

from uuid import UUID

import pytest

from points.backtests import operations
from points.backtests.models import Backtest
from shared.contracts.rules import BacktestPurchases
from shared.ids import new_id
from shared.messaging.models import InboxMessage
from shared.testing.messages import deliver, envelope_of, example, published
from tests.backtest_factories import result, start
from tests.factories import make_programme
from tests.judging_factories import PAPER, activate, buy_lines


def test_backtest_purchases_is_as_agreed() -> None:
    said = BacktestPurchases(backtest_id=UUID("019a0000-0000-7000-8000-000000000201"), chunk=0)

    assert said.payload() == example(BacktestPurchases)


@pytest.mark.django_db(transaction=True)
def test_the_same_message_does_its_chunk_once_and_asks_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHUNK", 1)
    make_programme()
    row = start(activate(PAPER))
    for _ in range(3):
        buy_lines(new_id())
    envelope = envelope_of(BacktestPurchases(backtest_id=row.id, chunk=0))

    for _ in range(3):
        assert deliver(envelope, envelope).done
    assert deliver(BacktestPurchases(backtest_id=row.id, chunk=0)).done

    assert (result(row).purchases, row.state, row.chunk, row.done) == (1, "running", 1, 1)
    assert InboxMessage.objects.count() == 2
    assert [said.chunk for said in published(BacktestPurchases)] == [0, 1]


def test_the_example_of_a_backtest_that_is_not_here_has_no_effect(db: None) -> None:
    receipt = deliver(BacktestPurchases.read(example(BacktestPurchases)))

    assert len(receipt.done) == 1
    assert not Backtest.objects.exists()
