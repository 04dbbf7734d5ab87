import pytest
from django.db import DatabaseError, transaction

from shared.db import Prepared

pytestmark = pytest.mark.django_db
DIVIDE = Prepared("test_divide", "SELECT %(above)s::int / %(below)s::int")


def test_runs_with_any_values_and_returns_the_last_statements_rows() -> None:
    both = Prepared("test_both", "SELECT 1", "SELECT %(b)s::text, %(a)s::int, %(b)s::text")

    assert both.rows({"a": 1, "b": "x", "unused": None}) == [("x", 1, "x")]
    assert both.rows({"a": None, "b": "'; --"}) == [("'; --", None, "'; --")]


def test_a_first_run_that_fails_does_not_spoil_the_next() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        DIVIDE.rows({"above": 1, "below": 0})

    assert DIVIDE.rows({"above": 4, "below": 2}) == [(2,)]
