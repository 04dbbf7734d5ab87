"""Published names change openly: `python -m tools.check_published` compares docs/published.txt with what it was.

What went from it since the branch left `main`, or on `main` since the commit before, is named by CHANGELOG.md under
"Names that changed" of its first version. What is new needs no word. A migration that was there stays as it was, with
the SQL that it loads, unless it is named in the same way: databases ran it as it was, and no check of theirs sees more
than its name.
"""

import re
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from tools.published import FILE
from tools.stack.layout import ROOT

_NAME = str(FILE.relative_to(ROOT))
HEADING = "### Names that changed"
_MIGRATIONS = ":(glob)**/migrations/**"
# To `tools.lint`: there was nothing to compare with, and that is to be seen.
NOT_RUN = 77


def unnamed(before: Iterable[str], after: Iterable[str], named: Iterable[str]) -> dict[str, list[str]]:
    """The lines that went, by their names, where nobody named them.

    A name stands for what is said of it; of something that is gone with all its members, its own name is enough.
    """
    here, written = set(after), set(named)
    left = {tuple(line.split(" ", 2)[:2]) for line in here}
    kept = {(kind, start) for kind, name in left for start in _starts(name)}
    found: dict[str, list[str]] = {}
    for line in sorted(set(before) - here):
        kind, name = line.split(" ", 2)[:2]
        if not written & {name, *(start for start in _starts(name) if (kind, start) not in kept)}:
            found.setdefault(name, []).append(line)
    return found


def _starts(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def named(changelog: str) -> set[str]:
    """What the changelog names as changed in its first version, that which is yet to be released."""
    first = changelog.partition("\n## ")[2].partition("\n## ")[0]
    section = re.split(r"^##+ ", first.partition(f"\n{HEADING}\n")[2], maxsplit=1, flags=re.M)[0]
    return set(re.findall(r"`([^`]+)`", section))


def compared_with(root: Path) -> str:
    """The commit to compare with: where this branch left `main`, or else the one before; empty where there is none, or
    where git does not tell: in a shallow clone, or in a folder of somebody else's.
    """
    if not (root / ".git").exists():
        return ""
    head = _git(root, "rev-parse", "HEAD")
    mains = [name for name in ("main", "origin/main") if _git(root, "rev-parse", "--verify", "--quiet", name)]
    left = _git(root, "merge-base", "HEAD", mains[0]) if mains else ""
    return left if left != head and left else _git(root, "rev-parse", "--verify", "--quiet", "HEAD^")


def _git(root: Path, *words: str) -> str:
    """What git says; empty where it does not know, or cannot read the repository."""
    done = subprocess.run(["git", *words], cwd=root, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def problems(found: Mapping[str, list[str]]) -> Iterator[str]:
    """What is said of the names that nobody named."""
    for name, lines in found.items():
        yield f'CHANGELOG.md does not name `{name}` under "{HEADING}", and these went:'
        yield from (f"    {line}" for line in lines)


def main(root: Path = ROOT) -> int:
    commit = compared_with(root)
    before = _of_commit(root, commit) if commit else ""
    if not before:
        print(f"not compared: there is no {_NAME} of a commit before")
        return NOT_RUN
    written = named((root / "CHANGELOG.md").read_text())
    went = problems(unnamed(before.splitlines(), (root / _NAME).read_text().splitlines(), written))
    found = [*went, *changed_migrations(root, commit, written)]
    print("\n".join(found) or f"compared with {commit[:8]}")
    return 1 if found else 0


def changed_migrations(root: Path, commit: str, named: Container[str]) -> Iterator[str]:
    """What is said of migrations that a commit had otherwise, where nobody named them."""
    changed = _git(root, "diff", "--name-only", "--no-renames", "--diff-filter=MD", commit, "--", _MIGRATIONS)
    yield from (
        f"{path} is not as databases ran it: write a migration" for path in changed.split() if path not in named
    )


def _of_commit(root: Path, commit: str) -> str:
    return _git(root, "ls-tree", commit, _NAME) and _git(root, "show", f"{commit}:{_NAME}")


if __name__ == "__main__":
    sys.exit(main())
