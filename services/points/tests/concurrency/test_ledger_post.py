"""The function that writes postings locks what it writes in the order of ids, whatever the order of its lists."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import transaction

from points.ledger.models import Account
from shared.db import rows
from shared.ids import new_id
from tests.concurrency.test_expiry_killed import until
from tests.concurrency.test_new_accounts import WAITS_FOR_US
from tests.factories import give, make_programme
from tests.invariants.written import earnings, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("order", [1, -1])
def test_accounts_are_locked_in_the_order_of_ids(member: Any, other_thread: ThreadPoolExecutor, order: int) -> None:
    make_programme()
    for one in (member.id, new_id()):
        give(one, 10)
    first, second = Account.objects.order_by("id")
    given = earnings(*[first, second][::order])

    with transaction.atomic():
        rows("SELECT FROM account WHERE id = %s FOR NO KEY UPDATE", [first.id])
        other = other_thread.submit(write, given)
        until(lambda: bool(rows(WAITS_FOR_US)))
        assert rows("SELECT FROM account WHERE id = %s FOR NO KEY UPDATE NOWAIT", [second.id])

    other.result(timeout=30)
