"""Every refusal of seals."""

from shared.errors import DomainError


class NotSealedYet(DomainError):
    """The transaction is not in a block yet; it will be within seconds."""

    code = "points.not_sealed_yet"
    title = "The transaction is not sealed yet"
    retryable = True


class SealBroken(DomainError):
    """The transaction's rows are no longer what was sealed: the ledger was changed from outside."""

    code = "points.seal_broken"
    title = "The transaction is not what was sealed"
