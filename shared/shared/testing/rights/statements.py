"""What a text of SQL needs: each lock and write in it, with the table, the privilege and the columns.

It reads SQL as it is written here: key words in capitals. A lock or write that it cannot read is an error, not nothing.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any, Literal

Privilege = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "LOCK ROWS", "LOCK TABLE", "EXECUTE"]
# Words and groups of words in brackets, which are lists.
Words = list[Any]
_TOKEN = re.compile(
    r"(?P<blank>\s+|--[^\n]*|/\*.*?\*/)"
    r"|(?P<text>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<parameter>%\(\w+\)s|%[sLI]|\$\d*|\{[^{}]*\})"
    r'|(?P<name>"[^"]+"|[A-Za-z_]\w*(?:\.(?:"[^"]+"|\w+|\*))*)'
    r"|(?P<other>%%|::|.)",
    re.DOTALL,
)
_VERBS = "INSERT|UPDATE|DELETE|TRUNCATE|MERGE|COPY|LOCK|SHARE"
_OF_OWNER = {"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "VACUUM", "ANALYZE", "REINDEX", "CLUSTER", "REFRESH"}
_STARTS = rf"(?:^|;)\s*(?:{'|'.join(sorted(_OF_OWNER))})\s+\w"
_SMALL = r"\b(?:insert\s+into|update\s+\w+\s+set|delete\s+from|for\s+(?:no\s+key\s+)?update|for\s+(?:key\s+)?share)\b"
# One word alone is no statement, but the name of a method or of what fired a trigger.
_MENTIONS = re.compile(rf"\b(?:{_VERBS})\b(?=\s|$)(?!\s*$)|(?<=\w\s)\b(?:{_VERBS})\b|{_STARTS}|{_SMALL}")
_ENDS = {"WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "WINDOW", "OFFSET", "UNION", "FOR", "RETURNING", "SET", ";"}
_JOINS = {"ON", "USING", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "TABLESAMPLE", ",", *_ENDS}
_CTE = re.compile(r"\b(\w+)\s*(?:\([^()]*\)\s*)?AS\s+(?:NOT\s+MATERIALIZED\s+|MATERIALIZED\s+)?\(")


class Unread(Exception):
    """A lock or a write that could not be read."""


@dataclass(frozen=True)
class Need:
    """A privilege on a table, or on some of its columns; of a function it is EXECUTE."""

    on: str
    privilege: Privilege
    columns: frozenset[str] | None = None


@dataclass(frozen=True)
class Known:
    """The tables and functions that there are."""

    tables: Set[str]
    functions: Set[str]


def mentions(text: str) -> bool:
    """Tell whether a text has a word that locks, writes, or makes tables."""
    return bool(_MENTIONS.search(text))


def needs(text: str, known: Known) -> set[Need]:
    """Return what a text of SQL needs.

    :raises Unread: it locks or writes in a way that is not understood.
    """
    if found := re.search(_SMALL, text):
        raise Unread(f"key words stand in capitals: {found[0]}")
    return set(_Reader(known, set(_CTE.findall(text))).read(_grouped(text)))


def _grouped(text: str) -> Words:
    """Return the words of a text, with a list for what stands in brackets, or is run by EXECUTE; without comments."""
    stack: list[Words] = [[]]
    for token in _TOKEN.finditer(text):
        match token.lastgroup, token[0]:
            case "blank", _:
                continue
            case _, "(":
                stack.append([])
            case _, ")":
                if len(stack) == 1:
                    raise Unread("a bracket closes that was not opened")
                group = stack.pop()
                stack[-1].append(group)
            case "text", literal if not stack[-1] and len(stack) > 1 and stack[-2][-2:] == ["EXECUTE", "format"]:
                stack[-1].append(_grouped(literal[1:-1].replace("''", "'")))
            case "text", literal:
                if mentions(literal.strip("'")):
                    raise Unread(f"a statement within a text: {literal}")
                stack[-1].append("''")
            case "parameter", parameter:
                stack[-1].append("{}" if parameter.startswith("{") else "$")
            case _, word:
                stack[-1].append(word.replace('"', ""))
    if len(stack) > 1:
        raise Unread("a bracket is not closed")
    return stack[0]


@dataclass
class _Reader:
    known: Known
    ctes: set[str]

    def read(self, words: Words) -> Iterator[Need]:
        """Yield what words need, and the groups in them."""
        for place, word in enumerate(words):
            if isinstance(word, list):
                yield from self.read(word)
            else:
                yield from self._at(words, place, word)

    def _at(self, words: Words, place: int, word: str) -> Iterator[Need]:
        before = words[place - 1] if place else ";"
        match word:
            case "INSERT":
                yield from self._insert(words, place)
            case "UPDATE" if before in ("FOR", "KEY"):
                yield from self._lock(words, place)
            case "UPDATE" if before == "DO":
                yield from self._upsert(words, place)
            case "UPDATE":
                yield from self._update(words, place)
            case "DELETE":
                yield Need(self._table(words, place + 1, "FROM"), "DELETE")
            case "TRUNCATE":
                yield Need(self._table(words, place + 1), "TRUNCATE")
            case "LOCK" if before != "ADVISORY":
                yield Need(self._table(words, place + 1), "LOCK TABLE")
            case "SHARE" if before in ("FOR", "KEY"):
                yield from self._lock(words, place)
            case "SHARE" if "LOCK" in words[:place] and "MODE" in words[place:]:
                return
            case "MERGE" | "COPY" | "SHARE":
                raise Unread(f"{word} is not understood")
            case "FROM" | "JOIN" | "USING" if before not in ("DISTINCT", "ROWS"):
                for _, tables in _items(words[place:]):
                    yield from (Need(table, "SELECT") for table in tables if table in self.known.tables)
            case _ if word in _OF_OWNER and before == ";":
                raise Unread(f"{word} is the owner's")
            case _ if word in self.known.functions and isinstance(_get(words, place + 1), list):
                yield Need(word, "EXECUTE")

    def _table(self, words: Words, place: int, *expected: str) -> str:
        """Return the table that is named behind the words expected."""
        for word in expected:
            if _get(words, place) != word:
                raise Unread(f"{word} is missing behind {words[place - 1]}")
            place += 1
        name = _get(words, place + (_get(words, place) in ("ONLY", "TABLE")))
        if name not in self.known.tables:
            raise Unread(f"{words[place - 1]} {name}: there is no such table")
        return str(name)

    def _insert(self, words: Words, place: int) -> Iterator[Need]:
        table = self._table(words, place + 1, "INTO")
        behind = place + 3
        if _get(words, behind) == "AS":
            behind += 2
        named = _get(words, behind)
        is_list = isinstance(named, list) and "SELECT" not in named
        yield Need(table, "INSERT", _columns(named) if is_list else None)
        if "RETURNING" in words[place:] or "CONFLICT" in words[place:]:
            yield Need(table, "SELECT")

    def _upsert(self, words: Words, place: int) -> Iterator[Need]:
        inserts = [at for at, word in enumerate(words[:place]) if word == "INSERT"]
        if not inserts:
            raise Unread("DO UPDATE without its INSERT")
        yield Need(self._table(words, inserts[-1] + 1, "INTO"), "UPDATE", _assigned(words, place + 1))

    def _update(self, words: Words, place: int) -> Iterator[Need]:
        table = self._table(words, place + 1)
        yield Need(table, "SELECT")
        yield Need(table, "UPDATE", _assigned(words, words.index("SET", place) if "SET" in words[place:] else place))

    def _lock(self, words: Words, place: int) -> Iterator[Need]:
        """The rows of all tables of the SELECT before, or of those that OF names."""
        starts = [at for at, word in enumerate(words[:place]) if word in ("SELECT", "PERFORM")]
        items = _items(words[starts[-1] : place]) if starts else []
        if _get(words, place + 1) == "OF":
            named = {word for word in words[place + 2 :] if isinstance(word, str)}
            items = [item for item in items if item[0] in named]
        tables = {table for _, found in items for table in found} - self.ctes
        if not tables or not tables <= self.known.tables:
            raise Unread(f"a lock of {sorted(tables) or 'no table'}")
        yield from (Need(table, "LOCK ROWS") for table in tables)


def _get(words: Words, place: int) -> Any:
    return words[place] if place < len(words) else None


def _items(words: Words) -> list[tuple[str, list[str]]]:
    """Return what the first FROM (or JOIN) of words reads: each alias with its tables; a function has none."""
    found: list[tuple[str, list[str]]] = []
    is_next = False
    for place, word in enumerate(words):
        if (word in ("FROM", "JOIN", ",") and (found or word != ",")) or (word == "USING" and not place):
            is_next = word != "FROM" or _get(words, place - 1) != "DISTINCT"
        elif found and isinstance(word, str) and word in _ENDS:
            break
        elif is_next and word not in ("LATERAL", "ONLY", "ROWS"):
            is_next = False
            alias = next((at for at in words[place + 1 : place + 3] if at != "AS"), None)
            is_named = isinstance(alias, str) and alias not in _JOINS
            if isinstance(word, list):
                found.append(
                    (str(alias) if is_named else "", [name for _, names in _items_within(word) for name in names])
                )
            else:
                is_call = isinstance(_get(words, place + 1), list)
                found.append((str(alias) if is_named else word, [] if is_call else [word]))
    return found


def _items_within(words: Words) -> list[tuple[str, list[str]]]:
    within = [item for word in words if isinstance(word, list) for item in _items_within(word)]
    return [*_items(words), *within]


def _columns(names: Words) -> frozenset[str] | None:
    """Return the columns of a list; None for all of them where one is filled in later."""
    return None if "{}" in names else frozenset(name for name in names if name != ",")


def _assigned(words: Words, place: int) -> frozenset[str] | None:
    """Return the columns that a SET assigns."""
    if _get(words, place) != "SET":
        raise Unread("an UPDATE without SET")
    ends = {"FROM", "WHERE", "RETURNING", ";"}
    stop = next((at for at in range(place, len(words)) if isinstance(words[at], str) and words[at] in ends), len(words))
    targets = [_get(words, at + 1) for at in range(place, stop) if words[at] == "," or at == place]
    flat = [name for target in targets for name in (target if isinstance(target, list) else [target])]
    return _columns(flat)
