"""Which files of a service's domain a piece of work enters, and how often it waits for PostgreSQL.

docs/architecture.md lists the files under *Files that a request enters*; a test of the service compares them.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from shared.postgres.base import Cursor

_PAGE = Path(__file__).parents[3] / "docs/architecture.md"
_LINE = re.compile(r"^\d+\. `(.+)`$", re.M)


def files_entered(run: Callable[[], Any], package: Path) -> list[str]:
    """Return the files of a service's package of which a function runs, in the order in which they are entered.

    Modules that are imported and classes that are made meanwhile do not count: run it once before.
    """
    found: dict[str, None] = {}

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_flags & CO_OPTIMIZED:
            found.setdefault(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    inside = [Path(name).relative_to(package) for name in found if Path(name).is_relative_to(package)]
    return [str(path) for path in inside if path.parts[0] != "config" and path.name != "urls.py"]


def check_listed(heading: str, entered: list[str], *, most: int | None = None) -> None:
    """Check that a section of docs/architecture.md lists these files; the failure shows the lines to put there.

    :raises AssertionError: it lists others, or these are more than `most`.
    """
    assert most is None or len(entered) <= most, f"*{heading}* enters {len(entered)} files, not {most}: {entered}"
    (section,) = re.findall(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", _PAGE.read_text(), re.M | re.S)
    lines = "\n".join(f"{number}. `{name}`" for number, name in enumerate(entered, start=1))
    assert set(_LINE.findall(section)) == set(entered), f"{_PAGE.name}, *{heading}*, lists other files than:\n{lines}"


@contextmanager
def round_trips() -> Iterator[list[str]]:
    """Yield a list of what is sent to PostgreSQL inside, a text for each message that is waited for, COMMIT included.

    What goes ahead of a statement is in its message. Needs `django_db(transaction=True)`, or nothing commits.
    """
    sent: list[str] = []
    execute = Cursor.execute

    def noted(cursor: Cursor, query: Any, vars: Any = None) -> None:  # noqa: A002 - the driver's name for it
        sent.append(str(query))
        execute(cursor, query, vars)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Cursor, "execute", noted)
        yield sent
