"""Texts of many languages, and what is no text; each short, because many bounds are."""

NO_TEXTS = ("a\x00b", "a\nb", "a\x1bb", "a\x7fb", "a\x85b", "a\ud800b", "a\u0378b", "a\uffffb")
# Persian and Sinhala words with joiners, no-break spaces, a directional mark, a family, a flag by tags, a new emoji.
TEXTS = (
    *("می\u200cخواهم", "ශ්\u200dරී", "10\u00a0000\u202f€", "\u200fשלום", "👨\u200d👩\u200d👧\u200d👦"),
    *("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "tired \U0001fae9", "O\u2019Neil \ue000"),
)
# Texts that look like "ab", or like "a b": a soft hyphen, a joiner, directions, a byte order mark, a filler, selectors
# of two kinds, a tag, and blanks of other widths.
UNSEEN = (
    *("a\u00adb", "a\u200bb", "a\u200db", "ab\u200f", "a\u202eb", "a\u2066b", "\ufeffab", "a\u3164b", "ab\ufe0f"),
    *("ab\U000e0101", "a\U000e0067b", "a\u00a0b", "a\u2003b", "ab\u3000", "a\u2028b"),
)
