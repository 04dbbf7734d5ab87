import base64
from datetime import timedelta

import jwt
import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import IntegrityError, transaction

from identity.keys import crypto, operations, tasks
from identity.keys.access_tokens import Subject, sign
from identity.keys.errors import KeyUnreadable
from identity.keys.models import SigningKey
from identity.keys.queries import jwks, lives
from identity.users.models import AuditEntry
from shared import clock
from shared.contracts.auth import SigningKeyRetired
from shared.ids import new_id
from shared.testing.messages import published

pytestmark = pytest.mark.django_db


def signer(at):
    token = sign(Subject(new_id(), frozenset()), token_id=new_id(), issued_at=at.replace(microsecond=0))
    return jwt.get_unverified_header(token)["kid"]


def test_the_private_half_is_encrypted_at_rest():
    operations.ensure_signing_key(at=clock.machine_now())

    stored = bytes(SigningKey.objects.get().private_encrypted)
    assert b"PRIVATE KEY" not in stored
    assert crypto.decrypt(stored).startswith("-----BEGIN PRIVATE KEY-----")


def test_no_two_encryptions_are_alike_and_what_was_changed_is_refused():
    private_key = crypto.new_private_key()
    first, second = (base64.urlsafe_b64decode(crypto.encrypt(private_key)) for _ in range(2))

    # Fernet: a version, the time, then 16 random bytes that begin the encryption.
    assert first[9:25] != second[9:25]
    with pytest.raises(KeyUnreadable):
        crypto.decrypt(base64.urlsafe_b64encode(first[:30] + bytes([first[30] ^ 1]) + first[31:]))


def test_with_another_encryption_key_nothing_can_be_signed(settings):
    stored = crypto.encrypt(crypto.new_private_key())
    settings.AUTH_KEY_ENCRYPTION_KEY = Fernet.generate_key().decode()

    with pytest.raises(KeyUnreadable):
        crypto.decrypt(stored)


def test_the_key_id_is_the_thumbprint_of_rfc_7638():
    # The key and the answer of RFC 7638 §3.1.
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
        "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQv"
        "RL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnq"
        "DKgw"
    )

    assert crypto.thumbprint({"e": "AQAB", "kty": "RSA", "n": n}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_published_key_can_be_read_by_any_library():
    jwk = crypto.public_jwk(crypto.new_private_key())

    assert jwt.PyJWK(jwk, "RS256").key.key_size == 2048


def test_the_first_key_is_made_once():
    first = operations.ensure_signing_key(at=clock.machine_now())

    assert operations.ensure_signing_key(at=clock.machine_now()) == first
    assert SigningKey.objects.count() == 1


def test_a_rotation_publishes_then_signs_then_retires():
    start = clock.machine_now()
    old = operations.ensure_signing_key(at=start).kid

    new = operations.rotate(at=start).kid

    def published(minutes):
        return {key["kid"] for key in jwks(at=start + timedelta(minutes=minutes))}

    assert operations.ensure_signing_key(at=start + timedelta(minutes=4)).kid == old
    assert operations.ensure_signing_key(at=start + timedelta(minutes=5)).kid == new
    assert (published(4), published(15), published(16)) == ({old, new}, {old, new}, {new})


def test_two_rotations_in_a_row_leave_no_gap():
    start = clock.machine_now()
    operations.ensure_signing_key(at=start)
    operations.rotate(at=start)
    operations.rotate(at=start + timedelta(minutes=1))

    for minute in range(30):
        at = start + timedelta(minutes=minute)
        kid = operations.ensure_signing_key(at=at).kid
        assert kid in [key["kid"] for key in jwks(at=at + timedelta(minutes=10))], minute
    assert SigningKey.objects.count() == 3


def test_a_leaked_key_signs_no_more_and_is_published_no_more():
    old = operations.ensure_signing_key(at=clock.machine_now()).kid

    call_command("rotate_signing_key", "--at-once")

    at = clock.machine_now()
    assert signer(at) != old
    assert old not in [key["kid"] for key in jwks(at=at)]
    assert [message.kid for message in published(SigningKeyRetired)] == [old]


def test_every_key_that_is_still_published_goes_with_a_leaked_one_and_no_other():
    start = clock.machine_now()
    first = operations.ensure_signing_key(at=start - timedelta(hours=2)).kid
    second = operations.rotate(at=start - timedelta(hours=1)).kid  # the first has retired since
    third = operations.rotate(at=start).kid

    operations.rotate(at=start, at_once=True)

    assert {message.kid for message in published(SigningKeyRetired)} == {second, third}
    assert first not in {second, third}


def test_a_rotation_in_time_retires_no_key_by_message():
    operations.ensure_signing_key(at=clock.machine_now())
    operations.rotate(at=clock.machine_now())

    assert published(SigningKeyRetired) == []


def test_the_command_says_from_when_the_key_signs(capsys):
    operations.ensure_signing_key(at=clock.machine_now())

    call_command("rotate_signing_key")

    newest = max(lives(), key=lambda life: life.signs_from)
    assert capsys.readouterr().out == f"key {newest.kid} signs from {clock.iso(newest.signs_from)}\n"
    assert AuditEntry.objects.get(event="key.rotated").details == {"kid": newest.kid, "at_once": False}


def test_the_periodic_job_removes_retired_keys_with_their_private_halves():
    old = operations.ensure_signing_key(at=clock.machine_now() - timedelta(hours=1))
    new = operations.rotate(at=clock.machine_now() - timedelta(hours=1))

    assert tasks.purge() == 1
    assert list(SigningKey.objects.values_list("kid", flat=True)) == [new.kid]
    assert old.kid != new.kid


def test_no_key_can_sign_before_it_is_published():
    at = clock.machine_now()

    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(
            kid="x", public_jwk={}, private_encrypted=b"", created_at=at, signs_from=at - timedelta(seconds=1)
        )
