from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.vouchers import codes, errors, rules
from points.vouchers.api.bodies.vouchers import normalised
from points.vouchers.codes import ALPHABET

PATTERN = "SPRING-########"
patterns = st.lists(st.text("AB7-", max_size=2), min_size=9, max_size=12).map("#".join)


def test_no_two_characters_look_alike_at_a_till() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("01IO") & set(ALPHABET)


@given(patterns)
def test_codes_have_the_form_of_their_pattern_and_add_up(pattern: str) -> None:
    for code in codes.random_codes(pattern, 20):
        assert len(code) == len(pattern)
        assert all(c == p or (p == "#" and c in ALPHABET) for c, p in zip(code, pattern, strict=True))
        assert codes.has_right_check(code)
        assert normalised(code) == code


@given(st.integers(0, 10), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(position: int, wrong: str) -> None:
    code = codes.random_codes("###########", 50)[0]
    mistyped = code[:position] + wrong + code[position + 1 :]

    assert codes.has_right_check(mistyped) == (mistyped == code)


@given(st.integers(0, 9))
def test_every_swap_of_two_neighbours_is_found(position: int) -> None:
    code = codes.random_codes("###########", 50)[0]
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]

    assert codes.has_right_check(swapped) == (swapped == code)


def test_all_random_characters_are_equally_likely() -> None:
    seen = Counter("".join(codes.random_codes("########", 20_000)))

    assert set(seen) == set(ALPHABET)
    # 5,000 of each; eight standard deviations around it.
    assert all(4_400 < count < 5_600 for count in seen.values())


def test_a_drawn_word_is_left_out_also_when_spelt_with_digits() -> None:
    drawn = [tuple("2FUCK3"), tuple("245523"), tuple("2A5523"), tuple("2B7K23")]

    assert codes._rude(codes._written("######", drawn)) == {0, 1, 2}


def test_a_word_the_operator_wrote_is_no_reason() -> None:
    assert len(codes.random_codes("CLASSIC-##########", 100)) > 90


@pytest.mark.parametrize("typed", ["spring-abcd2345", " SPRING-ABCD2345 ", "SPRING- ABCD 2345"])
def test_a_code_is_found_however_it_was_typed(typed: str) -> None:
    assert normalised(typed) == "SPRING-ABCD2345"


# Dashes of all kinds and what looks like one; blanks; what nobody sees; wide letters.
SLIPS = {
    "dashes": "\u002d\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7\ufe58\ufe63\uff0d\u30fc\u2500",
    "blanks": " \t\n\r\u00a0\u1680\u2000\u2007\u2009\u200a\u202f\u205f\u3000\u2028\u2029\x85",
    "unseen": "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\ufeff\u034f\u180e\ufe0f",
}
UNTIDY = "".join(SLIPS.values())


@pytest.mark.parametrize("slip", UNTIDY)
def test_a_slip_anywhere_makes_no_other_code(slip: str) -> None:
    for typed in (f"SPRING{slip}ABCD2345", f"{slip}SPRING-ABCD2345", f"SPRING-ABCD2345{slip}{slip}"):
        assert normalised(typed).replace("-", "") == "SPRINGABCD2345"


@given(st.lists(st.sampled_from(UNTIDY), min_size=15, max_size=15), st.booleans(), st.booleans())
def test_a_code_with_slips_after_every_character_is_itself(slips: list[str], is_small: bool, is_wide: bool) -> None:
    code = codes.random_codes("SPRING-########", 5)[0]
    typed = code.lower() if is_small else code
    typed = "".join(chr(ord(one) + 0xFEE0) if one != "-" else one for one in typed) if is_wide else typed

    found = normalised("".join(map("".join, zip(typed, slips, strict=True))))

    assert found.replace("-", "") == code.replace("-", "")
    assert codes.has_right_check(found)


@pytest.mark.parametrize("typed", ["\u0410BCD", "\u0131BC", "\u00dfBC", "A_B", "A.B", "A\x07B", "\ufb01X"])
def test_a_letter_of_another_alphabet_is_no_slip(typed: str) -> None:
    assert normalised(typed) == ""


@pytest.mark.parametrize("typed", ["", "A\x00B", "A'B", "Ä", "A" * 41, "A" * 10_000, "ﬀ", "../x"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normalised(typed) == ""


@pytest.mark.parametrize("pattern", ["", "ABC", "#", "ab-####", "A_####", "####\n", "Ä####", "#" * 41])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    assert not codes.is_pattern(pattern)


def test_a_pattern_carries_one_code_for_a_million_possible_ones() -> None:
    assert codes.space_of(PATTERN) == 34_359_738_368
    assert codes.largest_count(PATTERN) == 34_359
    rules.check_space(PATTERN, taken=0, count=34_359)
    with pytest.raises(errors.CodeSpaceTooSmall) as refusal:
        rules.check_space(PATTERN, taken=34_000, count=360)
    assert refusal.value.members == {"largest_count": 359}


def test_the_pattern_taken_where_none_is_named_carries_the_largest_jobs() -> None:
    assert codes.largest_count(codes.DEFAULT_PATTERN) > 1_000 * 10_000_000
