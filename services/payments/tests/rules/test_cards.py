from datetime import date

import pytest

from payments.provider.rules import TEST_CARDS, Card, brand_of, passes_luhn, treatment_of

TODAY = date(2026, 1, 31)


def card(number: str = "4242424242424242", *, month: int = 1, year: int = 2026) -> Card:
    return Card(number, month, year, "123")


def test_a_card_is_good_until_the_end_of_its_last_month():
    assert treatment_of(card(), on=TODAY).decline_code == ""
    assert treatment_of(card(), on=date(2026, 2, 1)).decline_code == "expired_card"


@pytest.mark.parametrize(
    ("number", "decline_code"),
    [
        ("4242424242424242", ""),
        ("5555555555554444", ""),
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4111111111111111", "test_mode_live_card"),
    ],
)
def test_each_test_number_has_its_effect_and_a_real_one_is_declined(number, decline_code):
    assert treatment_of(card(number), on=TODAY).decline_code == decline_code


def test_every_test_number_passes_luhn():
    assert all(passes_luhn(known.number) for known in TEST_CARDS)


def test_one_wrong_digit_does_not_pass_luhn():
    assert not passes_luhn("4242424242424241")


def test_two_digits_swapped_do_not_pass_luhn():
    assert not passes_luhn("2442424242424242")


@pytest.mark.parametrize(
    ("number", "brand"),
    [("42", "visa"), ("5100", "mastercard"), ("2221", "mastercard"), ("2720", "mastercard"), ("2721", "unknown"),
     ("37", "amex"), ("5600", "unknown")],
)  # fmt: skip
def test_the_first_digits_tell_the_brand(number, brand):
    assert brand_of(number) == brand


def test_a_cards_text_shows_nothing_of_it():
    assert repr(card()) == "Card()"
