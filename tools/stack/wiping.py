"""What a native stack keeps: its databases, what is on its broker, and what its beats ran last."""

import shutil
from pathlib import Path

from tools.stack import unprivileged
from tools.stack.layout import DATABASE_SERVERS, State


def data(state: State) -> list[Path]:
    """The files and folders that are there; neither settings nor logs nor ports."""
    made = {name: state.folder / f"{name}.made" for name in DATABASE_SERVERS}
    there = [name for name, mark in made.items() if mark.exists()]
    databases = [*(unprivileged.home(state, name) for name in there), *(made[name] for name in there)]
    rest = [path for path in (state.folder / "redis", *sorted(state.folder.glob("beat-*"))) if path.exists()]
    return [*databases, *rest]


def names(state: State) -> list[str]:
    """What these are called in words: without their endings, each once."""
    return list(dict.fromkeys(path.name.partition(".")[0] for path in data(state)))


def wipe(state: State) -> int:
    """Deletes them; the stack is down."""
    for path in data(state):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return 0
