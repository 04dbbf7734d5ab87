"""An earning that is decided before its account is seen: what it moves is the same in each account that owes nothing.

What the account comes to is left blank, for the server to fill in.
"""

from datetime import datetime

from msgspec import structs

from points.ledger.rules.postings import decide, posted
from points.ledger.rules.values import NO_POINTS, Account, Kind, Posted, Posting
from shared.postgres.blanks import BLANKS

# In the order in which the server leaves the numbers.
_LEFT = dict(zip(("available", "issued"), BLANKS, strict=True))


def can_be_unseen(posting: Posting) -> bool:
    """Tell whether a posting gives points that can be spent at once, and moves nothing else."""
    return posting.kind == Kind.EARNED and posting.activates is None and posting.slides_to is None


def given_unseen(posting: Posting, *, at: datetime) -> Posted:
    """Return the transaction that an earning becomes where the account owes nothing, its balances blank.

    :raises BalanceTooLarge: no account has room for so many points.
    """
    any_account = Account(0, posting.programme_id, posting.member_id, NO_POINTS, 0)
    fact = posted(decide(any_account, posting, at=at), at=at)
    entries = tuple([entry._replace(balance_after=_LEFT[entry.bucket]) for entry in fact.entries])
    return structs.replace(fact, balance_after=_LEFT["available"], entries=entries)
