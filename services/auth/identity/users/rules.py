"""What each role may do, and who may be given or lose one. Pure: no Django, no database."""

from collections.abc import Iterable
from uuid import UUID

from identity.users.errors import LastAdmin, RoleMerchantMismatch

_MEMBER = (
    "points:read points:redeem vouchers:read vouchers:claim vouchers:redeem"
    " wallets:read wallets:write payments:read payments:write"
)
_MERCHANT = "payments:read payments:refund merchants:read vouchers:redeem purchases:write"
_SUPPORT = "points:read-any payments:read-any wallets:read-any"
_FINANCE = "reports:read payments:read-any"
_ANALYST = "reports:read"
_ADMIN = (
    "programmes:write points:read-any points:earn points:redeem-any points:adjust vouchers:manage vouchers:redeem-any"
    " merchants:write payments:read-any payments:refund-any wallets:read-any reports:read users:manage clients:manage"
    " audit:read messages:manage clock:move"
)

# The one place where roles become scopes; every service checks scopes only.
ROLE_SCOPES: dict[str, frozenset[str]] = {
    "member": frozenset(_MEMBER.split()),
    "merchant": frozenset(_MERCHANT.split()),
    "support": frozenset(_SUPPORT.split()),
    "finance": frozenset(_FINANCE.split()),
    "analyst": frozenset(_ANALYST.split()),
    "admin": frozenset(_ADMIN.split()),
}
ROLES = tuple(ROLE_SCOPES)
# An app's backend pays in its members' names; no person does.
_FOR_PROGRAMS = frozenset({"payments:write-any"})
# A shop's own system asks members to pay what it counted up, and tells what it knows of them; no person does, nor a
# program of nobody's.
FOR_MERCHANTS_PROGRAMS = frozenset({"payments:create", "members:write"})
KNOWN_SCOPES = _FOR_PROGRAMS.union(FOR_MERCHANTS_PROGRAMS, *ROLE_SCOPES.values())


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """Return all that these roles together may do."""
    return frozenset[str]().union(*(ROLE_SCOPES[role] for role in roles))


def normal_email(email: str) -> str:
    """Return the one form of an address that is stored and looked up.

    The part before the `@` is lower-cased too: the standard would allow two mailboxes that differ
    in case only, no provider has them, and people mix case.
    """
    return email.strip().lower()


def check_role_merchant(role: str, merchant_id: UUID | None) -> None:
    """Check that a merchant's role comes with the merchant, and no other role does.

    :raises RoleMerchantMismatch: it does not.
    """
    if (role == "merchant") != (merchant_id is not None):
        raise RoleMerchantMismatch(role=role)


def check_admin_remains(*, loses_admin: bool, active_admins: int) -> None:
    """Check that somebody is left who can run the system.

    :raises LastAdmin: this would take the last active admin away.
    """
    if loses_admin and active_admins <= 1:
        raise LastAdmin()
