import unicodedata

import pytest

from shared.errors import MalformedRequest
from shared.http.parsers import parse_json
from shared.testing.texts import NO_TEXTS, TEXTS
from shared.texts import compatible, is_text


@pytest.mark.parametrize("text", [*TEXTS, "", "Åsa", "日本語", "soft\u00adhyphen", "\ufeffmark", "line\u2028line"])
def test_words_of_all_languages_are_texts(text):
    assert is_text(text)


@pytest.mark.parametrize("text", NO_TEXTS, ids=ascii)
def test_what_has_control_or_unassigned_characters_or_halves_of_some_is_none(text):
    assert not is_text(text)


def test_the_verdict_is_not_of_the_unicode_of_this_python():
    assert is_text("\U0001fae9")
    assert unicodedata.category("\U0001fae9") == "Cn" or unicodedata.unidata_version >= "16"


def test_texts_that_look_alike_have_one_form():
    assert compatible("A\u030asa") == compatible("Åsa") == compatible("Ａ\u030asa") == "Åsa"


@pytest.mark.parametrize("name", NO_TEXTS, ids=ascii)
def test_the_name_of_a_member_is_a_text_in_every_object(name):
    body = '{"a": [{"b": {%s: 1}}]}'

    with pytest.raises(MalformedRequest):
        parse_json((body % ascii(name).replace("'", '"').replace("\\x", "\\u00")).encode())
    assert parse_json((body % '"\u200d"').encode()) == {"a": [{"b": {"\u200d": 1}}]}
