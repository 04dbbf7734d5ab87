"""The authorisation matrix: `matrix.csv` says for each operation what each role gets.

A cell is one of: `yes` (let in: done, or refused for a reason that is not about rights), `401`, `403`, `404` (no such
thing, for anybody), `hidden` (somebody else's: answered as if it did not exist).

`python -m tools.attack.matrix` prints a row for each operation that has none, as its scopes suggest; each cell is then
reviewed: what is somebody else's is `hidden` and not `yes`.
"""

import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.attack.published import Operation, operations, role_scopes
from tools.stack.layout import PACKAGES

FILE = Path(__file__).with_name("matrix.csv")
# Each column, and the roles that it has; what is asked for is the member's and the merchant's, never the others'.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "nobody": (),
    "member": ("member",),
    "other_member": ("member",),
    "merchant": ("member", "merchant"),
    "other_merchant": ("member", "merchant"),
    "merchant_client": ("merchant",),
    "other_merchant_client": ("merchant",),
    "support": ("member", "support"),
    "finance": ("member", "finance"),
    "analyst": ("member", "analyst"),
    "operator": ("admin",),
    "admin": ("member", "admin"),
}
CLASSES = frozenset({"yes", "401", "403", "404", "hidden"})
HEAD = ("operation", "method", "path", *COLUMNS)
Row = dict[str, str]


def rows() -> list[Row]:
    """Read the table."""
    with FILE.open(newline="") as file:
        return list(csv.DictReader(file))


def faults(table: Iterable[Row], published: Iterable[Operation]) -> list[str]:
    """Return what the table lacks, has twice or too much, and the cells that mean nothing."""
    table, known = list(table), {(one.name, one.method, one.path) for one in published}
    listed = [(row["operation"], row["method"], row["path"]) for row in table]
    lacking = [
        f"{name}: no row in {FILE.name} (.venv/bin/python -m tools.attack.matrix suggests it)"
        for name, *_ in sorted(known - set(listed))
    ]
    surplus = [f"{name}: published no more" for name, *_ in sorted(set(listed) - known)]
    twice = [f"{one[0]}: twice" for one in sorted({one for one in listed if listed.count(one) > 1})]
    cells = [
        f"{row['operation']}: {role} is {row[role]!r}" for row in table for role in COLUMNS if row[role] not in CLASSES
    ]
    return lacking + surplus + twice + cells


def suggested(operation: Operation, scopes: Mapping[str, Iterable[str]]) -> Row:
    """Return a row as the scopes alone suggest it."""
    row = {"operation": operation.name, "method": operation.method, "path": operation.path}
    return {**row, **{column: _cell(operation, column, scopes) for column in COLUMNS}}


def _cell(operation: Operation, column: str, scopes: Mapping[str, Iterable[str]]) -> str:
    if operation.is_public:
        return "yes"
    if column == "nobody":
        return "401"
    held = {scope for role in COLUMNS[column] for scope in scopes[role]}
    return "yes" if not operation.scopes or held & set(operation.scopes) else "403"


def main() -> None:
    listed = {row["operation"] for row in rows()} if FILE.exists() else set()
    scopes = role_scopes()
    writer = csv.DictWriter(sys.stdout, HEAD, lineterminator="\n")
    for service in PACKAGES:
        writer.writerows(suggested(one, scopes) for one in operations(service) if one.name not in listed)


if __name__ == "__main__":
    main()
