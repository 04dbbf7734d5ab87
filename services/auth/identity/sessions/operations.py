"""Signing in, refreshing, signing out; `at` is the machine's time.

A refresh locks its session; every other write is made under the user's lock.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from identity.keys.access_tokens import Subject, sign
from identity.messages import outgoing
from identity.sessions import guessing, queries, rules
from identity.sessions.errors import InvalidRefreshToken, RefreshRaced, SignInRefused
from identity.sessions.models import RefreshToken, Session
from identity.users import passwords
from identity.users.audit import Origin, note
from identity.users.locks import lock_user, share_user
from identity.users.models import User
from identity.users.queries import roles_of, user_by_email
from identity.users.rules import scopes_of
from shared.errors import NotFound
from shared.ids import new_id
from shared.lifetimes import ACCESS_LIFETIME
from shared.messaging.outbox import publish


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets: an access token, and the refresh token that gets the next pair."""

    access: str
    refresh: str
    expires_in: int = int(ACCESS_LIFETIME.total_seconds())


def sign_in(*, email: str, password: str, origin: Origin, at: datetime) -> Tokens:
    """Open a session for whoever knows the password.

    :raises TooManyGuesses: too many wrong passwords for this account or from this address; where the account signed in
        from this address before, only those for this account from this address count.
    :raises SignInRefused: unknown address, wrong password, or a deactivated user; same answer, same time.
    """
    user = user_by_email(email)
    is_known = user is not None and queries.has_signed_in_from(user.id, origin.address)
    guess = guessing.of_sign_in(email=email, address=origin.address, is_known=is_known)
    guessing.charge(guess, at=at)
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
            guessing.forgive(guess, at=at)
            session = _open(locked, origin, at)
            note("session.opened", origin=origin, at=at, subject_id=locked.id, session_id=str(session.id))
            return _issue(locked, session, at)
    return _refuse_sign_in(user, "deactivated", origin, at)


def refresh(*, secret: str, origin: Origin, at: datetime) -> Tokens:
    """Spend a refresh token for a new pair of tokens.

    Spent again within two minutes, while none of its successors was used, it gets another successor: an answer that
    was lost and two requests at once end nothing. The first successor that is used supersedes it and the others.

    :raises InvalidRefreshToken: unknown, expired, of an ended session, or superseded. A superseded one also ends
        the session and is written into the audit, because somebody else may hold it.
    :raises RefreshRaced: it has ten successors already.
    """
    found = queries.token_by_secret(secret)
    if found is None:
        raise InvalidRefreshToken()
    outcome = _rotate(found, at)
    if isinstance(outcome, Tokens):
        return outcome
    if outcome is rules.Verdict.REUSED:
        _end_family(found.session, origin, at)
    raise RefreshRaced() if outcome is rules.Verdict.RACED else InvalidRefreshToken()


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
    user.tokens_not_before = rules.not_before(at=at, tokens_issued_at=queries.tokens_issued_at(user.id))
    user.save(update_fields=["tokens_not_before"])
    publish([outgoing.sessions_revoked(user.id, not_before=user.tokens_not_before)])


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


def _rotate(found: RefreshToken, at: datetime) -> Tokens | rules.Verdict:
    with transaction.atomic():
        user, session = share_user(found.session.user_id), _lock_session(found.session_id)
        token = RefreshToken.objects.get(pk=found.pk)
        verdict = rules.judge(_shown(token, session, user), at=at)
        if verdict is not rules.Verdict.ROTATE:
            return verdict
        if token.spent_at is None:
            _supersede(token, at)
            RefreshToken.objects.filter(pk=token.pk).update(spent_at=at)
        return _issue(user, session, at, parent=token)


def _lock_session(session_id: UUID) -> Session:
    return Session.objects.select_for_update(no_key=True).get(pk=session_id)


def _shown(token: RefreshToken, session: Session, user: User) -> rules.Shown:
    return rules.Shown(
        spent_at=token.spent_at,
        successors=RefreshToken.objects.filter(parent_id=token.pk).count(),
        superseded_at=token.superseded_at,
        expires_at=token.expires_at,
        is_session_open=session.ended_at is None and user.is_active,
    )


def _supersede(used: RefreshToken, at: datetime) -> None:
    """End what a token that is used for the first time leaves behind: its parent, and the parent's other successors."""
    if used.parent_id is not None:
        RefreshToken.objects.filter(pk=used.parent_id).update(superseded_at=at)
        RefreshToken.objects.filter(parent_id=used.parent_id).exclude(pk=used.pk).update(superseded_at=at)


def _end_family(session: Session, origin: Origin, at: datetime) -> None:
    with transaction.atomic():
        user = lock_user(session.user_id)
        if _end([session], "REUSED_TOKEN", origin, at):
            refuse_older_tokens(user, at=at)


def _issue(user: User, session: Session, at: datetime, parent: RefreshToken | None = None) -> Tokens:
    secret, token_id = secrets.token_urlsafe(32), new_id()
    until = rules.expires_at(signed_in_at=session.created_at, at=at)
    RefreshToken.objects.create(
        id=token_id,
        session=session,
        digest=queries.digest_of(secret),
        parent_id=parent.pk if parent else None,
        created_at=at,
        expires_at=until,
    )
    issued_at = rules.issued_at(at=at, tokens_not_before=user.tokens_not_before)
    session.last_used_at, session.expires_at = at, until
    session.tokens_issued_at = max(issued_at, session.tokens_issued_at or issued_at)
    session.save(update_fields=["last_used_at", "expires_at", "tokens_issued_at"])
    return Tokens(sign(_subject(user), token_id=token_id, issued_at=issued_at), secret)


def _subject(user: User) -> Subject:
    roles = roles_of(user)
    return Subject(user.id, scopes_of(roles), roles, user.merchant_id)


def _end(sessions: list[Session], reason: str, origin: Origin, at: datetime) -> int:
    ended = 0
    for session in sessions:
        if Session.objects.filter(pk=session.pk, ended_at__isnull=True).update(ended_at=at, end_reason=reason):
            ended += 1
            note(
                "session.ended",
                origin=origin,
                at=at,
                subject_id=session.user_id,
                reason=reason,
                session_id=str(session.id),
            )
    return ended
