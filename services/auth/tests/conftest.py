"""Fixtures of the auth service's tests; the roles come from shared.testing.plugin."""

import pytest
from rest_framework.test import APIClient

from identity.users.models import User
from shared.testing.actors import Actor, anonymous
from tests.factories import make_user

pytest_plugins = ["shared.testing.plugin"]


@pytest.fixture
def visitor() -> APIClient:
    """Return somebody without a token."""
    return anonymous()


@pytest.fixture
def member_user(db: None, member: Actor) -> User:
    """Return the member's account, whose password is factories.PASSWORD."""
    return make_user(member.caller, email="member@example.com")


@pytest.fixture
def other_user(db: None, other_member: Actor) -> User:
    """Return the other member's account."""
    return make_user(other_member.caller, email="other@example.com")


@pytest.fixture
def operator_user(db: None, operator: Actor) -> User:
    """Return the operator's account, the only admin."""
    return make_user(operator.caller, email="operator@example.com")
