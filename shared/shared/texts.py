"""What a text may hold, and its composed and compatible forms: by one pinned Unicode, whatever Python runs here."""

from unicodedata2 import category, normalize

# Control characters, code points that are no character yet, and halves of surrogate pairs. Not what joins, spaces,
# directs or varies characters: words of many languages, and most emoji, are written with these.
_NO_TEXT = frozenset({"Cc", "Cn", "Cs"})
# Nobody sees these, though they are no marks of format: fillers, the grapheme joiner, variation selectors.
_SELECTORS = (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800") | frozenset(map(chr, _SELECTORS))


def is_text(text: str) -> bool:
    """Tell whether a text has only characters that texts may hold."""
    # What this Python can print is a character in every later Unicode, too.
    return text.isprintable() or not any(category(char) in _NO_TEXT for char in text)


def composed(text: str) -> str:
    """Return the one form (NFC) of all texts that are the same, with accents as characters of their own or not."""
    return text if text.isascii() else str(normalize("NFC", text))


def compatible(text: str) -> str:
    """Return the one form (NFKC) of all texts that look alike by whatever keyboard they were typed."""
    return str(normalize("NFKC", text))


def is_seen(character: str) -> bool:
    """Tell whether a character has a look of its own: no joiner, directional mark, filler or variation selector."""
    return category(character) != "Cf" and character not in _UNSEEN


def is_id(text: str) -> bool:
    """Tell whether a text may be an id: no other text looks like it by a character that nobody sees, or another blank.

    Letters that look alike are not told apart.
    """
    return text.isascii() or all(is_seen(char) and (char == " " or category(char)[0] != "Z") for char in text)


def is_dash(character: str) -> bool:
    """Tell whether a character is a dash of some script."""
    return bool(category(character) == "Pd")
