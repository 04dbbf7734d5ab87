"""The ids of a copy: four hexadecimal digits of each UUID are the number of the copy, in PostgreSQL and here alike.

Time and all other digits but the version stay, so copies keep the order in time that the originals have. The version is
one that no original has: some original's own digits are the number of a copy, and that copy would have the same id.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

MOST = 0xFFFF
VERSION = "8"
_UUID = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-)[0-9a-f]([0-9a-f]{3}-[0-9a-f]{4}-)[0-9a-f]{4}([0-9a-f]{8})")


def copied(text: str, number: int, *, kept: Collection[str]) -> str:
    """Return a text with each UUID in it as it is in a copy; number 0 is the original."""
    if not number:
        return text

    def moved(found: re.Match[str]) -> str:
        before, between, after = found.groups()
        return found[0] if found[0] in kept else f"{before}{VERSION}{between}{number:04x}{after}"

    return _UUID.sub(moved, text)


def ids_of(things: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of some values that are UUIDs: no other one changes in a copy."""
    return tuple(value for value in things.values() if _UUID.fullmatch(value))


def copied_code(code: str, number: int) -> str:
    """Return a voucher's code as it is in a copy: zeros and ones count for nothing in its check character."""
    return f"{code}-{number:016b}" if number else code


def copied_things(things: Mapping[str, Any], number: int, *, kept: Collection[str]) -> dict[str, str]:
    """Return what a family made as it is in a copy."""
    found = {name: copied(str(value), number, kept=kept) for name, value in things.items()}
    return found | ({"code": copied_code(things["code"], number)} if "code" in things else {})


def sql_of_id(column: str, kept: Collection[str]) -> str:
    """Return the SQL of a UUID in copy `k`."""
    names = ", ".join(f"'{one}'" for one in kept)
    numbered = f"overlay({column}::text PLACING lpad(to_hex(k), 4, '0') FROM 25)"
    return (
        f"CASE WHEN {column} IN ({names}) THEN {column} ELSE overlay({numbered} PLACING '{VERSION}' FROM 15)::uuid END"
    )


def sql_of_text(column: str, kept: Collection[str]) -> str:
    """Return the SQL of a text in copy `k`."""
    pattern = f"(?!{'|'.join(kept)}){_UUID.pattern}"
    copy = f"'\\1{VERSION}\\2' || lpad(to_hex(k), 4, '0') || '\\3'"
    return f"regexp_replace({column}, '{pattern}', {copy}, 'g')"
