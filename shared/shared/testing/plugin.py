"""The pytest plugin of all services: the roles, their tokens, and clean memories between tests.

Loaded by `-p shared.testing.plugin`.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from shared import clock, garbage
from shared.testclock import answering
from shared.testing import owner, roles
from shared.testing.actors import Actor
from shared.testing.emptying import tables_can_be_emptied
from shared.testing.tokens import known_keys, private_key
from shared.tokens import keys, revocations
from shared.tokens.keys import RING
from shared.tokens.revocations import NOTES
from shared.tokens.verify import reset_checked

pytest_plugins = ["shared.testing.refusals"]
# How long one example takes says how busy the machine is, and nothing about what is tested.
hypothesis_settings.register_profile("project", deadline=None)
hypothesis_settings.load_profile("project")


def pytest_sessionstart() -> None:
    """Let the installation's time be the machine's, at no statement's cost; tests of the test clock read their own."""
    clock.read_by(None)


def pytest_collection_finish() -> None:
    """Look for garbage as the processes that serve do: modules and tests are half a million objects that stay."""
    garbage.collect_rarely()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let the owner of the tables make the test database."""
    owner.connect_as_owner()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let every test have the role that serves; the owner drops the database after the last one."""
    with django_db_blocker.unblock():
        owner.hand_over()
    with tables_can_be_emptied():
        yield
    with django_db_blocker.unblock():
        owner.connect_as_owner()


@pytest.fixture(autouse=True)
def _fresh_memories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test read keys and revocations anew: the rows of the last one are gone."""
    # Once, however long the test takes: how many statements a request has must not depend on the machine.
    monkeypatch.setattr(revocations, "_MEMORY_SECONDS", 3600.0)
    monkeypatch.setattr(keys, "_MEMORY_SECONDS", 3600.0)
    # No relay carries what a test publishes.
    monkeypatch.setattr(answering, "_PATIENCE_SECONDS", 0.0)
    # Made here, or threads that race would each make one of their own.
    private_key()
    RING.load_from(known_keys)
    NOTES.invalidate()
    reset_checked()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """Fail a test in which a statement did nothing, and the server only warned of that."""
    owner.warnings()
    result = yield
    if said := owner.warnings():
        pytest.fail("\n".join(said), pytrace=False)
    return result


class _Ahead:
    """An installation whose time is forty days ahead of the machine's."""

    by = timedelta(days=40)

    def __call__(self, machine: datetime) -> datetime:
        return machine + self.by

    def ahead(self) -> timedelta:
        return self.by


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> timedelta:
    """Let the installation's clock be forty days ahead of the machine's; return that."""
    monkeypatch.setattr(clock, "_reader", _Ahead())
    return _Ahead.by


@pytest.fixture
def member() -> Actor:
    """Return the member, who has points, vouchers and money."""
    return Actor(roles.MEMBER)


@pytest.fixture
def other_member() -> Actor:
    """Return the other member, who must see and spend nothing of the first's."""
    return Actor(roles.OTHER_MEMBER)


@pytest.fixture
def merchant() -> Actor:
    """Return the merchant, who is paid."""
    return Actor(roles.MERCHANT)


@pytest.fixture
def operator() -> Actor:
    """Return the operator, who runs the programmes."""
    return Actor(roles.OPERATOR)


@pytest.fixture
def analyst() -> Actor:
    """Return the analyst, who reads reports and nothing else."""
    return Actor(roles.ANALYST)
