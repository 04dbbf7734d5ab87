"""docs/architecture.md lists the files that a payment from a wallet enters, once its process has served one before."""

from pathlib import Path

import pytest

import payments
from shared.testing.actors import Actor
from shared.testing.entered import check_listed, files_entered
from tests.factories import make_payment

PACKAGE = Path(payments.__file__).parent


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop", "wallet")
def test_a_payment_from_a_wallet(member: Actor) -> None:
    make_payment(member, 1)

    check_listed("A payment from a wallet", files_entered(lambda: make_payment(member, 1), PACKAGE))
