"""The two clocks: docs/clock.md names each column of time and each module that asks the machine.

What each rule is for stands on that page.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.stack.layout import PACKAGES, ROOT

PAGE = "docs/clock.md"
ALL = "shared"
FIELDS = {"DateTimeField", "DateField"}
MACHINE, BOTH, ITSELF = "the machine's", "both", "its own"
# Which of the clock's functions a module may call, by what the page says of it; of others it says nothing.
ALLOWED = {"": {"now"}, MACHINE: {"machine_now"}, BOTH: {"now", "machine_now", "ahead"}, ITSELF: set[str]()}
_READS = {"now", "machine_now", "ahead"}
# The last two names of what reads the process's clock; monotonic clocks measure, and tell no time.
_FOREIGN = {
    *(("datetime", name) for name in ("now", "utcnow", "today")),
    ("date", "today"),
    *(("time", name) for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "clock_gettime")),
    *(("timezone", name) for name in ("now", "localtime", "localdate")),
    ("functions", "Now"),
}
_BY_DJANGO = {"auto_now", "auto_now_add"}
# What the server says of the time: its functions, and texts that it reads as the present.
_SERVERS = re.compile(
    r"""\b(?:(?:transaction_|statement_|clock_)timestamp|timeofday|now)\s*\(
      |\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b
      |'(?:now|today|tomorrow|yesterday)'\s*(?:::|\sAS\s)
      |\b(?:timestamp(?:tz)?|date|time)\s+'(?:now|today|tomorrow|yesterday)'
    """,
    re.IGNORECASE | re.VERBOSE,
)


def clocks() -> Iterator[str]:
    """Each column of time and each reading of a clock is as docs/clock.md says."""
    yield from columns()
    yield from callers()
    yield from servers()


def columns() -> Iterator[str]:
    """The page names each column of time of each table once, with its clock."""
    said, there = _said_columns(), {column for path in _code() for column in _columns(path)}
    for column in sorted(there | set(said)):
        if said.count(column) != (column in there):
            name = " ".join(column)
            yield f"{PAGE} names {name} {said.count(column)} times" + ("" if column in there else "; no model has it")


def callers() -> Iterator[str]:
    """Modules ask the clock that the page says they ask, and no other."""
    said, needed = {module: word for module, word, _why in _rows("Modules")}, set[str]()
    for path in _code():
        entry = _entry(_module(path), said)
        asked, foreign = _asked(ast.parse(path.read_text()))
        allowed = ALLOWED.get(word := said.get(entry, ""), set())
        yield from (f"{_name(path)} calls clock.{name}: {PAGE} lets it not" for name in sorted(asked - allowed))
        if word != ITSELF:
            yield from (f"{_name(path)} reads {name}: call the clock (shared.clock)" for name in sorted(foreign))
        if asked & allowed or (foreign and word == ITSELF):
            needed.add(entry)
    yield from (f"{PAGE} says {word!r} of {one}" for one, word in said.items() if word not in ALLOWED)
    yield from (f"{PAGE} lists {entry}, which asks no such clock" for entry in sorted(set(said) - needed))


def servers() -> Iterator[str]:
    """No statement asks the server for the time."""
    for path in _code():
        yield from _found(path, "\n".join(_texts(ast.parse(path.read_text()))))
    for folder in _folders():
        for path in sorted(folder.rglob("*.sql")):
            yield from _found(path, re.sub(r"--.*", "", path.read_text()))


def _found(path: Path, text: str) -> Iterator[str]:
    found = sorted({" ".join(one.split()) for one in _SERVERS.findall(text)})
    yield from (f"{_name(path)} asks the server for the time, by {one}: pass it as a parameter" for one in found)


def _said_columns() -> list[tuple[str, str, str]]:
    """Service, table and column, as often as the page names each."""
    return [
        (service, table, column)
        for service in (ALL, *PACKAGES)
        for table, *of_clocks in _rows(f"Columns: {service}")
        for column in re.findall(r"\w+", " ".join(of_clocks))
    ]


def _rows(heading: str) -> Iterator[tuple[str, str, str]]:
    """The rows of the table under a heading: what stands in ticks in the first cell, and the next two."""
    page = (ROOT / PAGE).read_text()
    section = re.search(rf"^### {heading}\n(.*?)(?=^##|\Z)", page, re.M | re.S)
    yield from re.findall(r"^\| `([^`|]+)` \| ([^|]*) \| ([^|]*) \|$", section[1] if section else "", re.M)


def _columns(path: Path) -> Iterator[tuple[str, str, str]]:
    service = path.relative_to(ROOT).parts[1] if path.is_relative_to(ROOT / "services") else ALL
    for model in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)):
        for name, value in _assigned(model):
            if isinstance(value, ast.Call) and _dotted(value.func)[-2:] in {("models", field) for field in FIELDS}:
                yield service, _table(model), name


def _table(model: ast.ClassDef) -> str:
    meta = [node for node in model.body if isinstance(node, ast.ClassDef) and node.name == "Meta"]
    found = [_text(value) for one in meta for name, value in _assigned(one) if name == "db_table"]
    return found[0] if found and found[0] else model.name


def _assigned(one: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for node in one.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _entry(module: str, said: dict[str, str]) -> str:
    """The page's entry for a module: the longest that names it or a package of it; "" where it says nothing."""
    return max((one for one in said if module == one or module.startswith(f"{one}.")), key=len, default="")


def _asked(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Which of our clock's functions code names, and which clocks of others it reads."""
    asked, foreign = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            pair = _dotted(node)[-2:]
            asked |= {node.attr} if pair[0] == "clock" and node.attr in _READS else set()
            foreign |= {".".join(pair)} if pair in _FOREIGN else set()
        elif isinstance(node, ast.ImportFrom):
            last = (node.module or "").split(".")[-1]
            # By its name alone nobody could move it in a test, or find it here.
            foreign |= {f"{last}.{one.name}" for one in node.names if (last, one.name) in _FOREIGN}
            foreign |= {f"clock.{one.name} by its name" for one in node.names if last == "clock" and one.name in _READS}
            foreign |= {f"the clock as {one.asname}" for one in node.names if one.name == "clock" and one.asname}
        elif isinstance(node, ast.keyword) and node.arg in _BY_DJANGO:
            foreign.add(node.arg)
    return asked, foreign


def _texts(tree: ast.Module) -> Iterator[str]:
    """The texts in code, without those that only explain it."""
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from (text for node in ast.walk(tree) if (text := _text(node)) and id(node) not in explaining)


def _text(node: ast.AST) -> str:
    """The text that a node is; "" where it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _dotted(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Attribute):
        return (*_dotted(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ("",)


def _folders() -> list[Path]:
    return [*(ROOT / "services" / service / package for service, package in PACKAGES.items()), ROOT / "shared/shared"]


def _code() -> Iterator[Path]:
    """All code but models as migrations have them, which repeat the models."""
    for folder in _folders():
        yield from sorted(folder.rglob("*.py"))


def _module(path: Path) -> str:
    """A module as it is imported."""
    folder = next(folder for folder in _folders() if path.is_relative_to(folder))
    return ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
