"""What a text may hold, and its compatible form: by one pinned Unicode, whatever Python runs here."""

from unicodedata2 import category, normalize

# Control characters, code points that are no character yet, and halves of surrogate pairs. Not what joins, spaces,
# directs or varies characters: words of many languages, and most emoji, are written with these.
_NO_TEXT = frozenset({"Cc", "Cn", "Cs"})
# Nobody sees these, though they are no marks of format: fillers, the grapheme joiner, variation selectors.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800") | frozenset(map(chr, range(0xFE00, 0xFE10)))


def is_text(text: str) -> bool:
    """Tell whether a text has only characters that texts may hold."""
    # What this Python can print is a character in every later Unicode, too.
    return text.isprintable() or not any(category(char) in _NO_TEXT for char in text)


def compatible(text: str) -> str:
    """Return the one form (NFKC) of all texts that look alike by whatever keyboard they were typed."""
    return str(normalize("NFKC", text))


def is_seen(character: str) -> bool:
    """Tell whether a character has a look of its own: no joiner, directional mark, filler or variation selector."""
    return category(character) != "Cf" and character not in _UNSEEN


def is_dash(character: str) -> bool:
    """Tell whether a character is a dash of some script."""
    return bool(category(character) == "Pd")
