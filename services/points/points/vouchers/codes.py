"""Making codes: pure, random, without look-alikes, and each with a character that finds typing errors.

A pattern is letters, digits and dashes, which stand as they are, and `#`, of which the last is the
check character and the others are random. Read as numbers of GF(32) and weighted by powers of 2, all
characters of a code add up to 0 (those outside the alphabet count for nothing), so that a till can
find every single wrong character and every swap of two neighbours without asking anybody.
"""

import re
import secrets
from collections.abc import Sequence

# No 0 O 1 I. 32 characters, so that a random byte falls on each equally often.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
DEFAULT_PATTERN = "####-####-####"
PATTERN = re.compile(r"[A-Z0-9-]*#[A-Z0-9#-]*", re.ASCII)
LONGEST = 40
# A guess at random hits one code in a million at best, however many there are.
SPACE_PER_CODE = 1_000_000
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_TO_CHARACTER = bytes(ALPHABET[byte & 31].encode()[0] for byte in range(256))
# Words nobody wants to read out at a till, also with digits for letters; only what chance wrote is looked at.
_WORDS = re.compile("ANUS|ARSE|ASS|CUM|CUNT|CRAP|DAMN|FAG|FART|FUCK|FUK|FUX|HELL|KKK|NAZ|RAPE|SEX|SLUT|TWAT|WANK")
_LEET = str.maketrans("34579", "EASTG")


def _double(value: int) -> int:
    # Times x in GF(2)[x] / (x^5 + x^2 + 1).
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def _tables() -> list[bytes]:
    """Return for each of the 31 weights the products of all bytes' lower five bits with it."""
    row, found = list(range(32)), []
    for _ in range(31):
        found.append(bytes(row[byte & 31] for byte in range(256)))
        row = [_double(value) for value in row]
    return found


_TIMES = _tables()


def is_pattern(pattern: str) -> bool:
    """Tell whether a text is a pattern: allowed characters, at most 40, with room for randomness and check."""
    return len(pattern) <= LONGEST and pattern.count("#") >= 2 and PATTERN.fullmatch(pattern) is not None


def space_of(pattern: str) -> int:
    """Return how many different codes a pattern has; the check character adds none."""
    return int(32 ** (pattern.count("#") - 1))


def largest_count(pattern: str) -> int:
    """Return how many codes of a pattern may exist before guessing pays."""
    return space_of(pattern) // SPACE_PER_CODE


def has_right_check(code: str) -> bool:
    """Tell whether a code's characters add up, as those of every code made here do."""
    values = [_VALUE[character] for character in code if character in _VALUE]
    left = 0
    for position, value in enumerate(values):
        left ^= _TIMES[position % 31][value]
    return left == 0


def random_codes(pattern: str, count: int) -> list[str]:
    """Make so many random codes of a pattern, less those that spell a word of the filter; repeats are possible."""
    wild = pattern.count("#") - 1
    raw = secrets.token_bytes(count * wild)
    columns = [raw[position::wild] for position in range(wild)]
    checks = _check_column(pattern, columns, count).translate(_TO_CHARACTER).decode()
    letters = [column.translate(_TO_CHARACTER).decode() for column in columns]
    drawn = list(zip(*letters, checks, strict=True))
    made = _written(pattern, drawn)
    rude = _rude(_written(re.sub("[^#]", "-", pattern), drawn))
    return [code for position, code in enumerate(made) if position not in rude]


def _written(pattern: str, drawn: Sequence[tuple[str, ...]]) -> list[str]:
    form = pattern.replace("#", "%s")
    return [form % characters for characters in drawn]


def _rude(codes: Sequence[str]) -> set[int]:
    """Return the positions of codes of one length that spell a word; what the operator wrote was masked before."""
    width = len(codes[0]) + 1 if codes else 1
    text = "\n".join(codes).translate(_LEET)
    return {match.start() // width for match in _WORDS.finditer(text)}


def _check_column(pattern: str, columns: Sequence[bytes], count: int) -> bytes:
    """Return the check characters' values of all codes at once: whole columns are added as one number."""
    weighted = [character for character in pattern if character == "#" or character in _VALUE]
    left, wild, place = 0, iter(columns), 0
    for position, character in enumerate(weighted):
        column = next(wild, None) if character == "#" else bytes([_VALUE[character]]) * count
        if column is None:
            place = position
            continue
        left ^= int.from_bytes(column.translate(_TIMES[position % 31]))
    # Divided by the check character's own weight, so that its product cancels the sum of the others.
    return left.to_bytes(count).translate(_TIMES[-place % 31])
