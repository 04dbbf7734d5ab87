"""Every lock of this service's people: admins first, then one user's row.

Who changes what a user may do locks the user's row, and with it all their sessions. Who only goes on with one session
shares the user's lock, so that nothing of that changes meanwhile, and then locks the session: in this order.
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


def share_user(user_id: UUID) -> User:
    """Keep a user's row, roles and sessions as they are until this transaction ends; others may share it.

    :raises NotFound: there is no such user.
    """
    if not rows("SELECT FROM identity_user WHERE id = %s FOR SHARE", [user_id]):
        raise NotFound()
    return User.objects.get(pk=user_id)
