from datetime import datetime
from uuid import UUID

import pytest

from identity.messages import outgoing
from identity.users.models import User
from shared.contracts.auth import (
    MerchantStaffChanged,
    SessionsRevoked,
    SigningKeyRetired,
    UserDeactivated,
    UserRegistered,
)
from shared.testing.messages import example, examples_of


def test_what_is_said_of_a_registration_equals_the_example():
    user = User(
        id=UUID("01a20800-5d1c-7c3e-9f50-2b6a4c1d8e77"),
        merchant_id=None,
        created_at=datetime.fromisoformat("2026-03-02T09:15:30.250000+00:00"),
    )

    assert outgoing.user_registered(user, roles=["member"]).payload() == example(UserRegistered)


def test_what_is_said_of_a_revocation_equals_the_example():
    message = outgoing.sessions_revoked(
        UUID("01a20800-5d1c-7c3e-9f50-2b6a4c1d8e77"),
        not_before=datetime.fromisoformat("2026-03-02T18:40:12.004000+00:00"),
    )

    assert message.payload() == example(SessionsRevoked)


def test_what_is_said_of_a_leaked_key_equals_the_example():
    said = outgoing.signing_key_retired(
        "Yx0nE2kq7mB4c9Jw", retired_at=datetime.fromisoformat("2026-03-02T18:40:12.004000+00:00")
    )

    assert said.payload() == example(SigningKeyRetired)


def test_what_is_said_of_a_deactivation_equals_the_example():
    message = outgoing.user_deactivated(
        UUID("01a20800-5d1c-7c3e-9f50-2b6a4c1d8e77"), at=datetime.fromisoformat("2026-03-02T18:40:12.004000+00:00")
    )

    assert message.payload() == example(UserDeactivated)


def test_what_is_said_of_whom_a_user_works_for_equals_the_example():
    user = User(
        id=UUID("01a20800-5d1c-7c3e-9f50-2b6a4c1d8e77"),
        merchant_id=UUID("01a20800-4a7e-7d10-8c21-5f0e9b3d6a44"),
        merchant_version=1,
    )
    at = datetime.fromisoformat("2026-03-02T10:05:00.125000+00:00")

    assert outgoing.merchant_staff_changed(user, at=at).payload() == example(MerchantStaffChanged)


def test_every_message_of_auth_has_an_example():
    said = {UserRegistered, UserDeactivated, MerchantStaffChanged, SessionsRevoked, SigningKeyRetired}
    assert {type(message) for message in examples_of("auth")} == said


@pytest.mark.parametrize("contract", [UserRegistered, UserDeactivated, MerchantStaffChanged, SessionsRevoked])
def test_no_message_carries_an_address_or_a_name(contract):
    assert not {"email", "name"} & example(contract).keys()
