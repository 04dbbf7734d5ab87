"""What auth says."""

from datetime import datetime
from uuid import UUID

from shared.contracts.base import Contract


class UserRegistered(Contract, frozen=True, kw_only=True):
    """Somebody has an account now. No personal data: who needs a name asks auth."""

    NAME = "user_registered"
    PRODUCER = "auth"

    user_id: UUID
    roles: list[str]
    merchant_id: UUID | None
    registered_at: datetime


class UserDeactivated(Contract, frozen=True, kw_only=True):
    """Somebody was shut out, for good, at `deactivated_at`; it may arrive before the registration does."""

    NAME = "user_deactivated"
    PRODUCER = "auth"

    user_id: UUID
    deactivated_at: datetime


class MerchantStaffChanged(Contract, frozen=True, kw_only=True):
    """Whom this user works for: the merchant, or nobody any more. Of two about one user the greater `version` counts,
    whichever arrives first."""

    NAME = "merchant_staff_changed"
    PRODUCER = "auth"

    user_id: UUID
    merchant_id: UUID | None
    version: int
    changed_at: datetime


class SessionsRevoked(Contract, frozen=True, kw_only=True):
    """This user's access tokens issued before `not_before` are no longer good."""

    NAME = "sessions_revoked"
    PRODUCER = "auth"

    user_id: UUID
    not_before: datetime


class SigningKeyRetired(Contract, frozen=True, kw_only=True):
    """This key may have leaked: whatever it signed is no longer good, and it never comes back."""

    NAME = "signing_key_retired"
    PRODUCER = "auth"

    kid: str
    retired_at: datetime
