"""What a PDF shows of texts that are long or strange."""

import pytest
from reportlab.pdfbase import pdfmetrics

from points.statements.forms.paper import FONT, lines_of, shown

WIDTH, SIZE = 200, 9


@pytest.mark.parametrize(
    "text",
    ["x" * 300, "W" * 100 + " and words", "a b " * 80, "Žluťoučký " * 20, "i" * 41, "", "中" * 90, "\U0001f600" * 50],
)
def test_every_line_fits_and_no_character_is_lost(text: str) -> None:
    lines = lines_of(text, width=WIDTH, size=SIZE)

    assert all(pdfmetrics.stringWidth(line, FONT, SIZE) <= WIDTH for line in lines)
    assert "".join(lines).replace(" ", "") == shown(text).replace(" ", "")


def test_words_are_broken_only_where_they_are_wider_than_a_line() -> None:
    lines = lines_of("some words " * 20 + "y" * 90, width=WIDTH, size=SIZE)

    assert all(set(line.split()) <= {"some", "words"} for line in lines if "y" not in line)
    assert sum("y" in line for line in lines) > 1


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A中B文", "A\ufffdB\ufffd"),
        ("שלום", "\ufffd" * 4),
        ("\U0001f600", "\ufffd"),
        ("a\u3000b\u00a0c", "a b\u00a0c"),
        ("\u2764\ufe0f", "\ufffd"),
        ("Žluť Γεια Привет 5 €", "Žluť Γεια Привет 5 €"),
    ],
)
def test_a_character_without_a_glyph_is_shown_as_one(text: str, written: str) -> None:
    assert shown(text) == written


def test_what_is_shown_has_a_glyph_for_every_character() -> None:
    every = "".join(chr(code) for code in range(32, 0x2FFFF) if not 0xD800 <= code < 0xE000)

    glyphs = pdfmetrics.getFont(FONT).face.charToGlyph

    assert {one for one in shown(every) if ord(one) not in glyphs} == set()
