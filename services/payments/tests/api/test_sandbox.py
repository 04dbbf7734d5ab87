import pytest

from shared.testing.actors import anonymous

pytestmark = pytest.mark.django_db


def test_the_cards_that_work_are_listed_for_everybody():
    cards = {card["number"]: card for card in anonymous().get("/api/v1/sandbox/cards").json()["results"]}

    assert cards["4242424242424242"]["decline_code"] == ""
    assert cards["4000000000009995"]["decline_code"] == "insufficient_funds"
    assert "lost" in cards["4000000000007007"]["effect"]
