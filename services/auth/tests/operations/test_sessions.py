from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from identity.sessions import operations, tasks
from identity.sessions.errors import InvalidRefreshToken, SignInRefused, TooManyGuesses
from identity.sessions.models import GuessCount, RefreshToken, Session
from identity.users import passwords
from identity.users.models import AuditEntry
from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.testing.messages import published
from tests.factories import HERE, PASSWORD, signed_in

pytestmark = pytest.mark.django_db


def refresh(secret, at):
    return operations.refresh(secret=secret, origin=HERE, at=at)


def test_a_session_ends_ninety_days_after_the_sign_in_however_often_it_is_refreshed(member_user):
    at = clock.machine_now()
    secret = signed_in(member_user, at=at).refresh

    for days in range(10, 90, 10):
        secret = refresh(secret, at + timedelta(days=days)).refresh

    assert Session.objects.get().expires_at == at + timedelta(days=90)
    with pytest.raises(InvalidRefreshToken):
        refresh(secret, at + timedelta(days=90))


def test_a_revocation_reaches_beyond_a_token_that_was_dated_ahead(member_user):
    at = clock.machine_now().replace(microsecond=100_000)
    for _ in range(3):
        signed_in(member_user, at=at)
        operations.end_all_sessions(user_id=member_user.id, origin=HERE, at=at)

    # Each sign-in of the same second is dated one second after the revocation before it.
    seconds = [int((message.not_before - at).total_seconds() + 0.1) for message in published(SessionsRevoked)]
    assert seconds == [0, 1, 2]


def test_signing_out_everywhere_is_in_the_audit(member_user):
    signed_in(member_user)

    operations.end_all_sessions(user_id=member_user.id, origin=HERE, at=clock.machine_now())

    assert AuditEntry.objects.filter(event="session.ended_all", subject_id=member_user.id).count() == 1


def test_an_unknown_account_costs_the_same_hash_as_a_wrong_password(member_user, monkeypatch):
    hashes = []
    encode = passwords.OwaspArgon2.encode
    verify = passwords.OwaspArgon2.verify
    monkeypatch.setattr(passwords.OwaspArgon2, "encode", lambda *args: hashes.append("made") or encode(*args))
    monkeypatch.setattr(passwords.OwaspArgon2, "verify", lambda *args: hashes.append("compared") or verify(*args))

    for email in ("nobody@example.com", member_user.email):
        with pytest.raises(SignInRefused):
            operations.sign_in(email=email, password="wrong", origin=HERE, at=clock.machine_now())

    assert hashes == ["made", "compared"]


def test_the_limit_of_an_address_holds_across_accounts(member_user):
    at = clock.machine_now()
    for number in range(100):
        with pytest.raises(SignInRefused):
            operations.sign_in(email=f"u{number}@example.com", password="wrong", origin=HERE, at=at)

    with pytest.raises(TooManyGuesses):
        operations.sign_in(email=member_user.email, password=PASSWORD, origin=HERE, at=at)


def test_a_right_password_clears_the_account_and_takes_one_from_the_address(member_user):
    at = clock.machine_now()
    for _ in range(9):
        with pytest.raises(SignInRefused):
            operations.sign_in(email=member_user.email, password="wrong", origin=HERE, at=at)

    signed_in(member_user, at=at)

    assert dict(GuessCount.objects.values_list("kind", "count")) == {"account": 0, "address": 9}


def test_no_address_that_somebody_typed_is_kept_with_the_counts(member_user):
    signed_in(member_user)

    assert GuessCount.objects.get(kind="account").subject != member_user.email
    assert len(GuessCount.objects.get(kind="account").subject) == 64


def test_what_has_no_use_any_more_is_removed(member_user):
    now = clock.machine_now()
    signed_in(member_user, at=now - timedelta(days=60))
    signed_in(member_user, at=now - timedelta(days=20))
    signed_in(member_user, at=now)
    GuessCount.objects.update(last_at=now - timedelta(hours=2))

    assert tasks.purge() == {"sessions": 1, "tokens": 2, "guesses": 3}
    assert (Session.objects.count(), RefreshToken.objects.count()) == (2, 1)


def test_a_session_does_not_end_without_a_reason(member_user):
    signed_in(member_user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.update(ended_at=clock.machine_now())
