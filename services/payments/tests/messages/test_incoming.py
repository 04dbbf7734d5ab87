from datetime import timedelta

import pytest

from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.testing.messages import deliver, envelope_of, examples_for
from shared.tokens.revocations import NOTES
from tests.api.paths import WALLETS

pytestmark = pytest.mark.django_db


def test_every_example_that_payments_listens_to_is_acted_on_once():
    for message in examples_for("payments"):
        envelope = envelope_of(message)

        assert deliver(envelope).done == [envelope.id]
        assert deliver(envelope).done == [envelope.id]


def test_a_signed_out_members_older_tokens_are_refused(member, other_member):
    assert member.get(WALLETS).status_code == 200

    deliver(SessionsRevoked(user_id=member.id, not_before=clock.now() + timedelta(seconds=5)))
    NOTES.invalidate()

    assert (member.get(WALLETS).status_code, member.get(WALLETS).json()["code"]) == (401, "auth.invalid_token")
    assert other_member.get(WALLETS).status_code == 200
