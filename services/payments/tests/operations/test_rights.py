"""The role that serves has the rights that the service needs: derived from all its SQL, asked of the database."""

import pytest

from shared.testing.rights import missing_rights


@pytest.mark.django_db
def test_the_role_that_serves_has_the_rights_for_each_lock_and_write() -> None:
    assert missing_rights("payments", "shared") == []
