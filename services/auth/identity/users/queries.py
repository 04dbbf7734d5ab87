"""Reads of the module users."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from identity.users import rules
from identity.users.models import AuditEntry, User, UserRole
from shared.errors import NotFound
from shared.lists import owned


def roles_of(user: User) -> tuple[str, ...]:
    """Return a user's roles in alphabetical order."""
    return tuple(sorted(row.role for row in user.role_rows.all()))


def _with_roles() -> QuerySet[User]:
    return User.objects.prefetch_related("role_rows")


def user_by_id(user_id: UUID) -> User:
    """Return a user with the roles.

    :raises NotFound: there is none.
    """
    found = _with_roles().filter(pk=user_id).first()
    if found is None:
        raise NotFound()
    return found


def user_by_email(email: str) -> User | None:
    """Return the user with this address, in whatever case it is written."""
    return User.objects.filter(email=rules.normal_email(email)).first()


def users(*, search: str = "", role: str = "") -> QuerySet[User]:
    """Return users whose address or name begins with `search`, and who have `role`."""
    found = _with_roles()
    if search:
        # Those of each index by themselves: one condition with both in it is looked for in everybody.
        by_email = User.objects.filter(email__startswith=rules.normal_email(search)).values("pk")
        by_name = User.objects.filter(name__istartswith=search.strip()).values("pk")
        found = found.filter(pk__in=by_email.union(by_name))
    if role:
        found = found.filter(role_rows__role=role)
    return found


def users_with_role(role: str) -> QuerySet[UserRole]:
    """Return who has a role, for a list to page through in the order of their ids, which sort by time."""
    return owned(UserRole.objects.all(), role=role).prefetch_related(Prefetch("user", queryset=_with_roles()))


def page_of_users(*, after: UUID | None, size: int) -> list[User]:
    """Return the first users after an id, in the order of their ids, with their roles."""
    found = _with_roles().order_by("id")
    return list((found.filter(id__gt=after) if after else found)[:size])


def active_admins() -> int:
    """Return how many people can run the system."""
    return UserRole.objects.filter(role="admin", user__is_active=True).count()


def audit(*, event: str = "", actor_id: UUID | None = None, subject_id: UUID | None = None) -> QuerySet[AuditEntry]:
    """Return the audit's lines that match all that is given."""
    wanted = {"subject_id": subject_id, "actor_id": actor_id, "event": event}
    given = {name: value for name, value in wanted.items() if value}
    # By the index of the first; the rest is left out of what that finds.
    first = {name: given.pop(name) for name in list(given)[:1]}
    return owned(AuditEntry.objects.filter(**given), **first)
