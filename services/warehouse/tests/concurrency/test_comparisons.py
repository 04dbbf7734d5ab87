"""Comparisons beside each other."""

from datetime import UTC, datetime

import psycopg2
import pytest
from django.db import connection

from tests import factories as a
from warehouse.reconciliation import operations, tasks
from warehouse.reconciliation.models import Comparison

AT = datetime(2026, 11, 24, 0, 2, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_the_periodic_job_leaves_the_days_to_a_comparison_that_is_at_them():
    known = connection.get_connection_params()
    where = {name: known[name] for name in ("dbname", "user", "password", "host", "port") if name in known}
    other = psycopg2.connect(**where)
    with other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [operations._LOCK])
        assert not operations.reconcile(days=[a.DAY], at=AT, waits=False)
        assert tasks.reconcile_open_days() == 0
        assert not Comparison.objects.exists()
    other.close()

    assert operations.reconcile(days=[a.DAY], at=AT, waits=False)
