import re
import unicodedata

import pytest
from rest_framework.exceptions import ValidationError

from shared.errors import MalformedRequest
from shared.http.fields import ExternalId, Text
from shared.http.parsers import parse_json
from shared.testing.texts import NO_TEXTS, TEXTS, UNSEEN
from shared.texts import compatible, composed, is_id, is_text


@pytest.mark.parametrize("text", [*TEXTS, "", "Åsa", "日本語", "soft\u00adhyphen", "\ufeffmark", "line\u2028line"])
def test_words_of_all_languages_are_texts(text):
    assert is_text(text)


@pytest.mark.parametrize("text", NO_TEXTS, ids=ascii)
def test_what_has_control_or_unassigned_characters_or_halves_of_some_is_none(text):
    assert not is_text(text)


def test_the_verdict_is_not_of_the_unicode_of_this_python():
    assert is_text("\U0001fae9")
    assert unicodedata.category("\U0001fae9") == "Cn" or unicodedata.unidata_version >= "16"


def test_texts_that_are_the_same_are_composed_alike_and_keep_their_looks():
    assert composed("A\u030asa") == composed("\u00c5sa") == "\u00c5sa"
    assert composed("\uff21 \u2460 fi") == "\uff21 \u2460 fi"


def test_the_text_of_a_body_is_composed_and_has_its_length_then():
    field = Text(max_length=3)

    assert field.run_validation("A\u030asa") == "\u00c5sa"
    with pytest.raises(ValidationError):
        field.run_validation("\u0958" * 2)  # each is two when it is composed


@pytest.mark.parametrize("text", ["a\n", "\x1ca", "a\x1f", "a\u0085", "\ta"], ids=ascii)
def test_control_characters_at_the_ends_are_refused_as_those_inside(text):
    with pytest.raises(ValidationError) as refused:
        Text().run_validation(text)

    assert [error.code for error in refused.value.detail] == ["characters"]


def test_blanks_at_the_ends_are_taken_away():
    assert Text().run_validation(" a ") == "a"


def test_texts_that_look_alike_have_one_form():
    assert compatible("A\u030asa") == compatible("Åsa") == compatible("Ａ\u030asa") == "Åsa"


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_an_id_that_looks_like_another_by_what_nobody_sees_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        ExternalId().run_validation(text)

    assert is_text(text)
    assert [error.code for error in refused.value.detail] == ["unseen"]


@pytest.mark.parametrize("text", ["A-1/b_2.3:4", "order 7", "\u00c5sa", "注文番号", "заказ-5", "नमस्ते", "\U0001f9fe"])
def test_ids_are_of_any_language(text):
    assert ExternalId().run_validation(text) == text


def test_an_id_that_is_no_text_is_refused_as_one():
    with pytest.raises(ValidationError) as refused:
        ExternalId().run_validation("a\u200b\x00b")

    assert [error.code for error in refused.value.detail] == ["characters"]


def test_the_pattern_of_ids_says_what_is_refused():
    texts = [char for char in map(chr, range(0x10000)) if is_text(char)]

    assert [char for char in texts if bool(re.search(ExternalId.pattern, char)) != is_id(char)] == []


@pytest.mark.parametrize("name", NO_TEXTS, ids=ascii)
def test_the_name_of_a_member_is_a_text_in_every_object(name):
    body = '{"a": [{"b": {%s: 1}}]}'

    with pytest.raises(MalformedRequest):
        parse_json((body % ascii(name).replace("'", '"').replace("\\x", "\\u00")).encode())
    assert parse_json((body % '"\u200d"').encode()) == {"a": [{"b": {"\u200d": 1}}]}
