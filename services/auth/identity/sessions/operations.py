"""Signing in, refreshing, signing out. Every write is made under the lock of the user's row."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from identity.keys.access_tokens import Subject, sign
from identity.keys.rules import ACCESS_LIFETIME
from identity.messages import outgoing
from identity.sessions import guessing, queries, rules
from identity.sessions.errors import InvalidRefreshToken, RefreshRaced, SignInRefused
from identity.sessions.models import RefreshToken, Session
from identity.users import passwords
from identity.users.audit import Origin, note
from identity.users.locks import lock_user
from identity.users.models import User
from identity.users.queries import roles_of, user_by_email
from identity.users.rules import scopes_of
from shared import clock
from shared.errors import DomainError, NotFound
from shared.ids import new_id
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets: an access token, and the refresh token that gets the next pair."""

    access: str
    refresh: str
    expires_in: int = int(ACCESS_LIFETIME.total_seconds())


def sign_in(*, email: str, password: str, origin: Origin, at: datetime) -> Tokens:
    """Open a session for whoever knows the password.

    :raises TooManyGuesses: too many wrong passwords for this account or from this address.
    :raises SignInRefused: unknown address, wrong password, or a deactivated user; same answer, same time.
    """
    guessing.charge(email=email, address=origin.address, at=at)
    user = user_by_email(email)
    found = passwords.match(user, password)
    if not found or user is None:
        return _refuse_sign_in(user, "wrong_password" if user else "unknown_account", origin, at)
    with transaction.atomic():
        locked = lock_user(user.id)
        # The password was compared before the lock: it may have been changed, or the user shut out, since.
        if locked.password != user.password:
            found = passwords.match(locked, password)
        if locked.is_active and found:
            _hash_again(locked, password, found)
            guessing.forgive(email=email, address=origin.address, at=at)
            session = _open(locked, origin, at)
            note("session.opened", origin=origin, at=at, subject_id=locked.id, session_id=str(session.id))
            return _issue(locked, session, at)
    return _refuse_sign_in(user, "deactivated", origin, at)


def refresh(*, secret: str, origin: Origin, at: datetime) -> Tokens:
    """Spend a refresh token for a new pair of tokens.

    :raises InvalidRefreshToken: unknown, expired, of an ended session, or spent. A spent one also ends
        the session and is written into the audit, because somebody else may hold it.
    :raises RefreshRaced: a twin of this request, sent at the same moment, got the new pair.
    """
    with transaction.atomic():
        outcome = _rotate(secret, origin, at)
    # Raised after the commit: the end of a session whose token was reused must stay.
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def sign_out(*, secret: str, origin: Origin, at: datetime) -> None:
    """End the session of a refresh token, spent or not; an unknown token changes nothing (RFC 7009 §2.2)."""
    with transaction.atomic():
        found = queries.token_by_secret(secret)
        if found is not None:
            lock_user(found.session.user_id)
            _end([found.session], "SIGNED_OUT", origin, at)


def end_session(*, user_id: UUID, session_id: UUID, origin: Origin, at: datetime) -> None:
    """End one of a user's sessions; its access token lives on for its last minutes.

    :raises NotFound: no such open session, or somebody else's.
    """
    with transaction.atomic():
        lock_user(user_id)
        found = list(queries.open_sessions(user_id, at=at).filter(pk=session_id))
        if not found:
            raise NotFound()
        _end(found, "ENDED", origin, at)


def end_all_sessions(*, user_id: UUID, origin: Origin, at: datetime) -> None:
    """Sign a user out everywhere, at once: the access tokens are refused as well.

    :raises NotFound: there is no such user.
    """
    with transaction.atomic():
        user = lock_user(user_id)
        end_sessions(user, reason="ENDED_ALL", at=at)
        note("session.ended_all", origin=origin, at=at, subject_id=user.id)


def end_sessions(user: User, *, reason: str, at: datetime, but_of_token: UUID | None = None) -> None:
    """End the open sessions of a locked user, except the one in which this access token was issued."""
    sessions = queries.open_sessions(user.id, at=at)
    if kept := queries.session_of_token(but_of_token):
        sessions = sessions.exclude(pk=kept)
    sessions.update(ended_at=at, end_reason=reason)
    refuse_older_tokens(user, at=at)


def refuse_older_tokens(user: User, *, at: datetime) -> None:
    """Have every service refuse the access tokens that a locked user was given so far."""
    user.tokens_not_before = rules.not_before(at=at, tokens_issued_at=user.tokens_issued_at)
    user.save(update_fields=["tokens_not_before"])
    tell([outgoing.sessions_revoked(user.id, not_before=user.tokens_not_before)], at=at)


def _refuse_sign_in(user: User | None, reason: str, origin: Origin, at: datetime) -> Tokens:
    note("session.refused", origin=origin, at=at, subject_id=user.id if user else None, reason=reason)
    raise SignInRefused()


def _hash_again(user: User, password: str, found: passwords.Match) -> None:
    if found is passwords.Match.AS_TYPED:
        user.password = passwords.hashed(password)
        user.save(update_fields=["password"])


def _open(user: User, origin: Origin, at: datetime) -> Session:
    until = rules.expires_at(signed_in_at=at, at=at)
    return Session.objects.create(
        user=user, created_at=at, last_used_at=at, expires_at=until, agent=origin.agent, address=origin.address
    )


def _rotate(secret: str, origin: Origin, at: datetime) -> Tokens | DomainError:
    found = queries.token_by_secret(secret)
    if found is None:
        return InvalidRefreshToken()
    user = lock_user(found.session.user_id)
    # Read again: a twin may have spent it while this request waited for the lock.
    token = RefreshToken.objects.select_related("session").get(pk=found.pk)
    match rules.judge(_shown(token, user), arrived_at=at):
        case rules.Verdict.ROTATE:
            # The time of the spending, not of the arrival: twins are told from thieves by it.
            token.spent_at = max(at, clock.now())
            token.save(update_fields=["spent_at"])
            return _issue(user, token.session, at)
        case rules.Verdict.REUSED:
            _end([token.session], "REUSED_TOKEN", origin, at)
            refuse_older_tokens(user, at=at)
            return InvalidRefreshToken()
        case rules.Verdict.RACED:
            return RefreshRaced()
    return InvalidRefreshToken()


def _shown(token: RefreshToken, user: User) -> rules.Shown:
    is_open = token.session.ended_at is None and user.is_active
    return rules.Shown(spent_at=token.spent_at, expires_at=token.expires_at, is_session_open=is_open)


def _issue(user: User, session: Session, at: datetime) -> Tokens:
    secret, token_id = secrets.token_urlsafe(32), new_id()
    until = rules.expires_at(signed_in_at=session.created_at, at=at)
    RefreshToken.objects.create(
        id=token_id, session=session, digest=queries.digest_of(secret), created_at=at, expires_at=until
    )
    session.last_used_at, session.expires_at = at, until
    session.save(update_fields=["last_used_at", "expires_at"])
    issued_at = rules.issued_at(at=at, tokens_not_before=user.tokens_not_before)
    user.tokens_issued_at = max(issued_at, user.tokens_issued_at or issued_at)
    user.save(update_fields=["tokens_issued_at"])
    return Tokens(sign(_subject(user), token_id=token_id, issued_at=issued_at), secret)


def _subject(user: User) -> Subject:
    roles = roles_of(user)
    return Subject(user.id, scopes_of(roles), roles, user.merchant_id)


def _end(sessions: list[Session], reason: str, origin: Origin, at: datetime) -> None:
    for session in sessions:
        if Session.objects.filter(pk=session.pk, ended_at__isnull=True).update(ended_at=at, end_reason=reason):
            note(
                "session.ended",
                origin=origin,
                at=at,
                subject_id=session.user_id,
                reason=reason,
                session_id=str(session.id),
            )
