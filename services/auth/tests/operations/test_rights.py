"""The role that serves has the rights that the service needs: derived from all its SQL, asked of the database."""

import pytest

from shared.testing.rights import missing_rights
from shared.testing.rights.owners import (
    functions_of_everybody,
    functions_of_owner,
    open_functions,
    who_may_make_temporary_objects,
)


@pytest.mark.django_db
def test_the_role_that_serves_has_the_rights_for_each_lock_and_write() -> None:
    assert missing_rights("identity", "shared") == []


@pytest.mark.django_db
def test_what_runs_with_its_owners_rights_finds_nothing_of_its_callers() -> None:
    assert functions_of_owner() == []
    assert open_functions() == []


@pytest.mark.django_db
def test_nobody_may_make_temporary_objects() -> None:
    assert who_may_make_temporary_objects() == []


@pytest.mark.django_db
def test_no_function_is_everybodys() -> None:
    assert functions_of_everybody() == []
