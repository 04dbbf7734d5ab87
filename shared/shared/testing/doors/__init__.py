"""The doors in front of every operation of a service, each tried at each operation that has it.

A service's own test module takes them over: `class TestDoors(Doors): pass`.
"""

import pytest

from shared.testing.doors.requests import RequestDoors
from shared.testing.doors.schema import SchemaDoors
from shared.testing.doors.values import ValueDoors


@pytest.mark.django_db
class Doors(SchemaDoors, RequestDoors, ValueDoors):
    """Tests of every door that can be tried without knowing what an operation does.

    `of_bearer` names the permissions of a service with which any token opens a view, because it shows its bearer alone.
    """
