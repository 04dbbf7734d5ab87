"""What stands in front of every operation of this service."""

from identity.users.http import SignedIn
from shared.testing.doors import Doors


class TestDoors(Doors):
    """Each door at each operation."""

    of_bearer = (SignedIn,)
    of_own_form = ("email", "event")
    of_any_character = (
        "POST /api/v1/auth/token password",
        "POST /api/v1/auth/password/change current_password",
    )
