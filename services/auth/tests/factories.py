"""Rows that tests start from."""

from datetime import datetime

from identity.sessions.operations import Tokens, sign_in
from identity.users import passwords
from identity.users.audit import Origin
from identity.users.merchants import note_merchants
from identity.users.models import User, UserRole
from shared import clock
from shared.callers import Caller
from shared.ids import new_id

PASSWORD = "a long and rather odd phrase"
HERE = Origin(address="192.0.2.7", agent="pytest")


def make_user(
    caller: Caller | None = None, *, email: str = "", roles: tuple[str, ...] = ("member",), name: str = "Ada"
) -> User:
    """Make a user who can sign in with PASSWORD; with the id and roles of a caller where one is given."""
    user_id = caller.id if caller else new_id()
    user = User.objects.create(
        id=user_id,
        email=email or f"{user_id}@example.com",
        name=name,
        password=passwords.hashed(PASSWORD),
        merchant_id=caller.merchant_id if caller else None,
        created_at=clock.now(),
    )
    for role in caller.roles if caller else roles:
        UserRole.objects.create(user=user, role=role, granted_at=user.created_at)
    return user


def make_merchant() -> str:
    """Have payments say that there is a merchant; return its id."""
    merchant_id = new_id()
    note_merchants([(merchant_id, clock.now())])
    return str(merchant_id)


def signed_in(user: User, *, at: datetime | None = None) -> Tokens:
    """Return the tokens of a new session."""
    return sign_in(email=user.email, password=PASSWORD, origin=HERE, at=at or clock.machine_now())
