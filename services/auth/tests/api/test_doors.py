"""What stands in front of every operation of this service."""

from identity.users.http import SignedIn
from shared.testing.doors import Doors


class TestDoors(Doors):
    """Each door at each operation."""

    of_bearer = (SignedIn,)
