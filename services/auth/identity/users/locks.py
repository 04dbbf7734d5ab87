"""Every lock of this service's people: admins first, then one user's row.

A user's row lock is also the lock of all that user's sessions and tokens, so there is no second order to mind.
"""

from uuid import UUID

from identity.users.models import User
from shared.db import rows
from shared.errors import NotFound

_ADMINS = 0x61646D696E73


def lock_admins() -> None:
    """Let nobody else change who is an admin until this transaction ends."""
    rows("SELECT pg_advisory_xact_lock(%s)", [_ADMINS])


def lock_user(user_id: UUID) -> User:
    """Lock a user's row until this transaction ends; rows that refer to it can still be added.

    :raises NotFound: there is no such user.
    """
    found = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if found is None:
        raise NotFound()
    return found
