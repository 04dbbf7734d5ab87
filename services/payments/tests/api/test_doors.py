"""What stands in front of every operation of this service."""

from shared.testing.doors import Doors


class TestDoors(Doors):
    """Each door at each operation."""

    of_own_form = ("advance", "cvc", "number")
