"""Pages to write on from top to bottom."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from shared.texts import is_seen

FONT = "NotoSans"
GREY, BLACK = 0.42, 0.0
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 50, WIDTH - 50, HEIGHT - 60, 60


@cache
def _font() -> str:
    """Read the font, once in each process: Latin, Greek and Cyrillic, which the fonts of every PDF reader lack."""
    font = files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf"
    pdfmetrics.registerFont(TTFont(FONT, str(font)))
    return FONT


def shown(text: str) -> str:
    """Return a text as the font can write it: where it has no glyph, Unicode's sign for that (U+FFFD), never nothing.

    Other blanks are plain ones; what nobody sees (joiners, directional marks, variation selectors) may be missing.
    """
    glyphs = pdfmetrics.getFont(_font()).face.charToGlyph
    return "".join(one if ord(one) in glyphs else _in_place_of(one) for one in text)


def _in_place_of(character: str) -> str:
    if character.isspace():
        return " "
    return "\ufffd" if is_seen(character) else ""


def lines_of(text: str, *, width: float, size: float) -> list[str]:
    """Break a text into lines that fit: between words, and within a word that is wider than a line."""
    return [piece for line in simpleSplit(shown(text), FONT, size, width) for piece in _pieces(line, width, size)]


def _pieces(line: str, width: float, size: float) -> list[str]:
    pieces = [""]
    for character in line:
        if pieces[-1] and pdfmetrics.stringWidth(pieces[-1] + character, FONT, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


class Paper:
    """A4 pages; what is written goes where the pen stands, which only moves down."""

    def __init__(self, file: BinaryIO, title: str) -> None:
        self._canvas = Canvas(file, pagesize=A4, pageCompression=1)
        self._canvas.setTitle(title)
        self._page = 1
        self._at = TOP
        self.columns: Callable[[], None] = lambda: None
        _font()

    def text(self, x: float, text: str, *, size: float, grey: float = BLACK) -> None:
        """Write text that begins at x."""
        self._pen(size, grey)
        self._canvas.drawString(x, self._at, shown(text))

    def right(self, x: float, text: str, *, size: float, grey: float = BLACK) -> None:
        """Write text that ends at x."""
        self._pen(size, grey)
        self._canvas.drawRightString(x, self._at, text)

    def rule(self) -> None:
        """Draw a thin line under the pen."""
        self._canvas.setStrokeGray(0.8)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(LEFT, self._at - 5, RIGHT, self._at - 5)

    def down(self, points: float) -> None:
        """Move the pen down."""
        self._at -= points

    def room(self, points: float) -> None:
        """Begin a new page where so much does not fit on this one."""
        if self._at - points < BOTTOM:
            self._end_page()
            self._page, self._at = self._page + 1, TOP
            self.columns()

    def close(self) -> None:
        """Finish the last page and the file."""
        self._end_page()
        self._canvas.save()

    def _end_page(self) -> None:
        self._pen(7, GREY)
        self._canvas.drawRightString(RIGHT, BOTTOM - 25, f"page {self._page}")
        self._canvas.showPage()

    def _pen(self, size: float, grey: float) -> None:
        self._canvas.setFont(_font(), size)
        self._canvas.setFillGray(grey)
