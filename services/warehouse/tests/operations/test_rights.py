"""The role that serves has the rights that the service needs: derived from all its SQL, asked of the database."""

import pytest

from shared.testing.rights import missing_rights

# The month partitions: made by migrations, and later by a function that has its owner's rights.
OF_MIGRATIONS = {"warehouse.partitions.MAKE_MONTH_PARTITION", "warehouse.partitions.CreatePartitionedModel"}


@pytest.mark.django_db
def test_the_role_that_serves_has_the_rights_for_each_lock_and_write() -> None:
    assert missing_rights("warehouse", "shared", of_migrations=OF_MIGRATIONS) == []
