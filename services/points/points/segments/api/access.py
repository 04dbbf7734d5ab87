"""Who reads and writes what programmes know of members."""

from uuid import UUID

from rest_framework.request import Request

from points.programmes.errors import MerchantNotListed
from points.programmes.queries import programme
from points.programmes.rules import Programme, takes_purchases_of
from shared.errors import NotFound
from shared.http.views import caller_of

# Operators, and programs of merchants: no person of a merchant knows members' birthdays by it.
WRITE = ("programmes:write", "members:write")
# What anybody may read of anybody; a member reads their own by `points:read`.
_READ_ANY = (*WRITE, "points:read-any")
READ = ("points:read", *_READ_ANY)
# Whose segments are whose is no member's business: "likely to leave" is one.
OPERATORS = ("programmes:write",)
SEE = (*OPERATORS, "points:read-any")


def attributes_asked_for(request: Request, member_id: UUID, programme_id: UUID | None) -> Programme:
    """Return the programme in which a request reads or writes a member's attributes.

    :raises NotFound: they are another member's.
    :raises ProgrammeNotFound: there is none.
    :raises MerchantNotListed: a merchant's program asks, and the programme does not list the merchant.
    """
    caller = caller_of(request)
    if member_id != caller.id and not any(map(caller.may, _READ_ANY)):
        raise NotFound()
    found = programme(programme_id)
    speaks_for_merchant = caller.merchant_id is not None and not caller.may("programmes:write")
    if speaks_for_merchant and member_id != caller.id and not takes_purchases_of(found, caller.merchant_id):
        raise MerchantNotListed()
    return found
