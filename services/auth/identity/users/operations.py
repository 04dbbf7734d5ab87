"""What can happen to a user: register, change, gain and lose roles, be deactivated.

`at` is the installation's time, and `machine_at` the machine's: of guesses, sessions, tokens and the audit.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from identity.messages import outgoing
from identity.sessions import guessing
from identity.sessions.operations import end_sessions, refuse_older_tokens
from identity.users import passwords, queries, rules
from identity.users.audit import Origin, note
from identity.users.errors import EmailTaken, MerchantDiffers, UserInactive, WrongPassword
from identity.users.locks import lock_admins, lock_user
from identity.users.merchants import check_merchant
from identity.users.models import User, UserRole
from shared.errors import NotFound
from shared.messaging.outbox import publish


def register(
    *, email: str, password: str, name: str, origin: Origin, at: datetime, machine_at: datetime, role: str = "member"
) -> User:
    """Make an account with one role.

    :raises WeakPassword: the password is refused, with the reasons.
    :raises EmailTaken: the address has an account.
    :raises TooManyGuesses: from this network address came too many registrations of taken addresses.
    """
    guessing.check_registration(address=origin.address, at=machine_at)
    user = User(email=rules.normal_email(email), name=name, created_at=at)
    passwords.check_strength(password, user)
    # Before the transaction, because it takes 19 ms; and before the answer is known, so that it always does.
    user.password = passwords.hashed(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _add_role(user, role, origin=origin, at=at)
            note("user.registered", origin=origin, at=machine_at, subject_id=user.id)
            publish([outgoing.user_registered(user, roles=[role])], at=at)
    except IntegrityError as error:
        guessing.charge_registration(address=origin.address, at=machine_at)
        raise EmailTaken() from error
    return user


def rename(*, user_id: UUID, name: str) -> User:
    """Change the name by which a user is called.

    :raises NotFound: there is no such user.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        user.name = name
        user.save(update_fields=["name"])
    return queries.user_by_id(user_id)


def change_password(
    *, user_id: UUID, current: str, new: str, token_id: UUID | None, origin: Origin, machine_at: datetime
) -> None:
    """Change the password and end every session but the one that the token of `token_id` belongs to.

    That session's access token is refused as well; its refresh token gets a new one.

    :raises NotFound: there is no such user.
    :raises TooManyGuesses: the present password was given wrong too often.
    :raises WrongPassword: `current` is not the password.
    :raises WeakPassword: `new` is refused, with the reasons.
    """
    user = queries.user_by_id(user_id)
    passwords.check_strength(new, user)
    guess = guessing.of_change(user.id)
    guessing.charge(guess, at=machine_at)
    if not passwords.match(user, current):
        note("password.refused", origin=origin, at=machine_at, subject_id=user.id)
        raise WrongPassword()
    digest = passwords.hashed(new)
    with transaction.atomic():
        locked = lock_user(user_id)
        if locked.password != user.password:
            raise WrongPassword()
        locked.password = digest
        locked.save(update_fields=["password"])
        guessing.forgive(guess, at=machine_at)
        end_sessions(locked, reason="PASSWORD_CHANGED", at=machine_at, but_of_token=token_id)
        note("password.changed", origin=origin, at=machine_at, subject_id=user.id)


def grant_role(
    *, user_id: UUID, role: str, merchant_id: UUID | None, origin: Origin, at: datetime, machine_at: datetime
) -> User:
    """Give a user a role; one the user has already changes nothing.

    :raises RoleMerchantMismatch: `merchant` without a merchant, or another role with one.
    :raises MerchantUnknown: there is no such merchant, or the word of it is still under way.
    :raises NotFound: there is no such user.
    :raises UserInactive: the user is deactivated.
    :raises MerchantDiffers: the user belongs to another merchant.
    """
    rules.check_role_merchant(role, merchant_id)
    with transaction.atomic():
        lock_admins()
        user = lock_user(user_id)
        if not user.is_active:
            raise UserInactive()
        if merchant_id and user.merchant_id not in (None, merchant_id):
            raise MerchantDiffers()
        if merchant_id and user.merchant_id is None:
            check_merchant(merchant_id)
        if _add_role(user, role, origin=origin, at=at):
            _set_merchant(user, merchant_id or user.merchant_id, at=at)
            note("role.granted", origin=origin, at=machine_at, subject_id=user.id, role=role)
    return queries.user_by_id(user_id)


def revoke_role(*, user_id: UUID, role: str, origin: Origin, at: datetime, machine_at: datetime) -> None:
    """Take a role away; the tokens that carry its scopes are refused from now on.

    :raises NotFound: there is no such user, or the user has not this role.
    :raises LastAdmin: nobody would be left who can run the system.
    """
    with transaction.atomic():
        lock_admins()
        user = lock_user(user_id)
        held = UserRole.objects.filter(user=user, role=role)
        if not held.exists():
            raise NotFound()
        rules.check_admin_remains(loses_admin=role == "admin" and user.is_active, active_admins=queries.active_admins())
        held.delete()
        _set_merchant(user, None if role == "merchant" else user.merchant_id, at=at)
        refuse_older_tokens(user, at=machine_at)
        note("role.revoked", origin=origin, at=machine_at, subject_id=user.id, role=role)


def deactivate(*, user_id: UUID, origin: Origin, at: datetime, machine_at: datetime) -> User:
    """Shut a user out: every session ends, every token is refused and others are told. Again changes nothing.

    :raises NotFound: there is no such user.
    :raises LastAdmin: nobody would be left who can run the system.
    """
    with transaction.atomic():
        lock_admins()
        user = lock_user(user_id)
        if user.is_active:
            is_admin = UserRole.objects.filter(user=user, role="admin").exists()
            rules.check_admin_remains(loses_admin=is_admin, active_admins=queries.active_admins())
            user.is_active, user.deactivated_at = False, at
            user.save(update_fields=["is_active", "deactivated_at"])
            end_sessions(user, reason="DEACTIVATED", at=machine_at)
            publish([outgoing.user_deactivated(user.id, at=at)], at=at)
            note("user.deactivated", origin=origin, at=machine_at, subject_id=user.id)
    return queries.user_by_id(user_id)


def _add_role(user: User, role: str, *, origin: Origin, at: datetime) -> bool:
    values = {"granted_at": at, "granted_by": origin.actor_id}
    return UserRole.objects.get_or_create(user=user, role=role, defaults=values)[1]


def _set_merchant(user: User, merchant_id: UUID | None, *, at: datetime) -> None:
    """Let a locked user work for a merchant, or for nobody, and publish it."""
    if user.merchant_id != merchant_id:
        user.merchant_id = merchant_id
        user.merchant_version += 1
        user.save(update_fields=["merchant_id", "merchant_version"])
        publish([outgoing.merchant_staff_changed(user, at=at)], at=at)
