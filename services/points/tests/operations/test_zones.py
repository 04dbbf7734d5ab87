import pytest

from shared.db import rows
from shared.zones import names

pytestmark = pytest.mark.django_db


def test_the_database_knows_every_zone_that_a_programme_can_have():
    known = {name for (name,) in rows("SELECT name FROM pg_timezone_names")}

    assert names() - known == set()
