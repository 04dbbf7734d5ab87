"""Whose points most tests of operations are about."""

from typing import Any
from uuid import UUID

import pytest

from tests.factories import make_programme


@pytest.fixture
def me(member: Any) -> UUID:
    """Return a member, and have a programme."""
    make_programme()
    return member.id
