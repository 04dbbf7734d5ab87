"""Fixtures of the payments service's tests; the roles come from shared.testing.plugin."""

from collections.abc import Iterator

import pytest

from payments.books.proofs import differences
from payments.merchants.models import Merchant
from payments.wallets.models import Wallet
from shared.testing.actors import Actor
from tests.factories import make_merchant, make_wallet

pytest_plugins = ["shared.testing.plugin"]


def pytest_configure(config: pytest.Config) -> None:
    """Name the one marker of these tests."""
    config.addinivalue_line("markers", "breaks_books: this test breaks an invariant on purpose")


@pytest.fixture(autouse=True)
def _books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prove all books after every test that could have written to them."""
    marker = request.node.get_closest_marker("django_db")
    if marker:
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    yield
    if marker and not request.node.get_closest_marker("breaks_books"):
        assert differences() == []


@pytest.fixture
def shop() -> Merchant:
    """Return the merchant that the merchant role belongs to."""
    return make_merchant()


@pytest.fixture
def wallet(member: Actor) -> Wallet:
    """Return the member's wallet, with 500.00 EUR in it."""
    return make_wallet(member, amount=50000)
