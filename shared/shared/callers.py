"""Who is calling, as the token says."""

from dataclasses import dataclass
from uuid import UUID

from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a verified token: a user's id or a service client's, with what it may do.

    `merchant_id` is set for merchants' users and clients only.
    """

    id: UUID
    scopes: frozenset[str]
    roles: tuple[str, ...] = ()
    merchant_id: UUID | None = None
    is_authenticated: bool = True

    @property
    def is_person(self) -> bool:
        """Tell whether this is somebody, and no program: auth gives the role `service` to clients alone."""
        return "service" not in self.roles

    def may(self, scope: str) -> bool:
        """Tell whether the token carries this scope."""
        return scope in self.scopes

    def member_or_self(self, member_id: UUID | None, *, any_scope: str) -> UUID:
        """Return whose affair a request is: the named member's, or the caller's own when none is named.

        :raises NotFound: another member is named and the token lacks `any_scope`; the same answer
            as for a member who does not exist, so that nothing can be learned from it.
        """
        if member_id is None or member_id == self.id:
            return self.id
        if not self.may(any_scope):
            raise NotFound()
        return member_id
