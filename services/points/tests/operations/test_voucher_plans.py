from typing import Any

import pytest

from points.vouchers import operations, queries
from points.vouchers.models import Voucher
from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.owner import as_owner
from tests.voucher_factories import AT, make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign_id() -> Any:
    found = make_campaign(codes=3000).id
    as_owner("ANALYZE voucher")
    return found


def plan(statement: str, parameters: Any) -> str:
    return "\n".join(row[0] for row in rows(f"EXPLAIN {statement}", parameters))


def test_taking_a_code_reads_only_the_pool_also_when_most_are_taken_and_nobody_has_counted(campaign_id: Any) -> None:
    taken = {"campaign": campaign_id, "member": new_id(), "at": AT, "price": 0}

    before = plan(operations._TAKE, taken)
    execute("UPDATE voucher SET member_id = gen_random_uuid(), issued_at = created_at WHERE code < 'T'")
    after = plan(operations._TAKE, taken)

    for found in (before, after):
        assert "using voucher_pool" in found
        assert "Sort" not in found


@pytest.mark.usefixtures("campaign_id")
def test_a_code_is_found_by_its_index() -> None:
    code = Voucher.objects.values_list("code", flat=True)[0]

    assert "Index Scan using voucher_code_once" in plan(queries._OFFER, [code])


def test_the_download_goes_along_its_index(campaign_id: Any) -> None:
    found = plan(queries._CODES, [campaign_id, queries._FIRST, 100])

    assert "voucher_of_campaign" in found
    assert "Sort" not in found
