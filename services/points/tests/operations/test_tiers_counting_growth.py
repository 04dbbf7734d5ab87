"""What is read and written of what counts does not grow with that of others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from shared.testing import roles
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.counting_factories import make_counting, payment, record
from tests.factories import AT, take_back

pytestmark = pytest.mark.django_db
ME = roles.MEMBER.id
TABLES = ("tier_counted", "tier_progress", "member_tier")
# Each is an order of a merchant.
_COUNTED = """
INSERT INTO tier_counted (source_id, programme_id, day, amount, merchant_id, order_id)
SELECT gen_random_uuid(), %(programme)s::uuid, '2026-03-01', 10, %(me)s::uuid, 'order-' || n
FROM generate_series(%(first)s::int, %(last)s::int) n
"""


@pytest.fixture
def shoes() -> Any:
    make_counting("spend")
    return record(ME, 5_000)


USES: dict[str, Callable[[Any], Any]] = {
    "a purchase": lambda _: record(ME, 50, merchant_id=roles.MERCHANT.id),
    "a return": lambda shoes: take_back(shoes, amount=10),
    "a payment": lambda _: purchases.earn_purchases([payment(ME, 50)], at=AT),
}


@at_any_size
@pytest.mark.parametrize("name", USES)
def test_what_counts_costs_the_same_with_ten_times_the_rows(filling: Filling, name: str, shoes: Any) -> None:
    def use() -> None:
        with transaction.atomic():
            USES[name](shoes)
            transaction.set_rollback(True)

    filling.fill(TABLES, _COUNTED, use=use, me=ME, programme=default_programme().id)

    with rows_read(*TABLES) as count:
        USES[name](shoes)

    assert count() <= 16, count.by_table()
