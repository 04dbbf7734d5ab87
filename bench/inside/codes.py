"""COPY of voucher codes into an empty copy of their table."""

import io
from typing import Any

from django.db import connection

from bench.inside.common import COLUMNS_OF, ROUNDS, copy_of, seconds_of
from shared.db import execute, rows


def codes(campaign_id: str) -> dict[str, Any]:
    """Measure COPY of a campaign's codes into an empty copy of their table."""
    copy_of("voucher")
    names = ", ".join(name for name, _ in rows(COLUMNS_OF, ["voucher"]))
    data = io.StringIO()
    with connection.cursor() as cursor:
        of_campaign = cursor.mogrify("campaign_id = %s", [campaign_id]).decode()
        cursor.copy_expert(f"COPY (SELECT {names} FROM voucher WHERE {of_campaign}) TO STDOUT", data)
    taken = []
    for _ in range(ROUNDS):
        data.seek(0)
        execute("TRUNCATE bench_voucher")
        taken.append(seconds_of(lambda: _copy_in(names, data)))
    execute("DROP TABLE bench_voucher")
    return {"copy": taken}


def _copy_in(names: str, data: io.StringIO) -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY bench_voucher ({names}) FROM STDIN", data)
