"""Saying again who registered, who was deactivated and who works for whom, for a service that did not listen then."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from identity.messages import outgoing
from identity.users import queries
from identity.users.models import User
from shared.contracts.auth import MerchantStaffChanged, UserDeactivated, UserRegistered
from shared.messaging.lanes import Lane, in_lane
from shared.messaging.outbox import publish

PAGE = 500


def republish_users(*, after: UUID | None = None, at: datetime) -> Iterator[tuple[int, UUID]]:
    """Publish `user_registered` of each user with an id after `after`, `user_deactivated` of who is, and
    `merchant_staff_changed` of who works, or worked, for a merchant.

    Page by page in the order of their ids, each in a transaction of its own; yields how many a page had and its last
    id, from which a call that was broken off goes on. Consumers that know a user already change nothing.
    """
    while page := queries.page_of_users(after=after, size=PAGE):
        with in_lane(Lane.BULK), transaction.atomic():
            publish([*_registered(page), *_deactivated(page, at), *_staff(page, at)], at=at)
        after = page[-1].id
        yield len(page), after


def _registered(page: Sequence[User]) -> Iterator[UserRegistered]:
    return (outgoing.user_registered(user, roles=queries.roles_of(user)) for user in page)


def _deactivated(page: Sequence[User], at: datetime) -> Iterator[UserDeactivated]:
    return (outgoing.user_deactivated(user.id, at=user.deactivated_at or at) for user in page if not user.is_active)


def _staff(page: Sequence[User], at: datetime) -> Iterator[MerchantStaffChanged]:
    # One who was given the role before it was published has a merchant and no version yet.
    changed = (user for user in page if user.merchant_id or user.merchant_version)
    return (outgoing.merchant_staff_changed(user, at=at) for user in changed)
