"""What the auth service says: facts become contracts here and nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from identity.users.models import User
from shared.contracts.auth import (
    MerchantStaffChanged,
    SessionsRevoked,
    SigningKeyRetired,
    UserDeactivated,
    UserRegistered,
)


def user_registered(user: User, *, roles: Sequence[str]) -> UserRegistered:
    """Say that somebody has an account now."""
    return UserRegistered(
        user_id=user.id, roles=list(roles), merchant_id=user.merchant_id, registered_at=user.created_at
    )


def user_deactivated(user_id: UUID, *, at: datetime) -> UserDeactivated:
    """Say that somebody was shut out."""
    return UserDeactivated(user_id=user_id, deactivated_at=at)


def merchant_staff_changed(user: User, *, at: datetime) -> MerchantStaffChanged:
    """Say whom a user works for."""
    return MerchantStaffChanged(
        user_id=user.id, merchant_id=user.merchant_id, version=user.merchant_version, changed_at=at
    )


def sessions_revoked(subject_id: UUID, *, not_before: datetime) -> SessionsRevoked:
    """Say that a user's, or a service client's, older access tokens are no longer good."""
    return SessionsRevoked(user_id=subject_id, not_before=not_before)


def signing_key_retired(kid: str, *, retired_at: datetime) -> SigningKeyRetired:
    """Say that whatever a key signed is no longer good."""
    return SigningKeyRetired(kid=kid, retired_at=retired_at)
