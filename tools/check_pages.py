"""Pages: links lead somewhere, and a decision says how it stands."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.stack.layout import ROOT

PAGES = ("*.md", "*/README.md", "services/*/README.md", "docs/**/*.md")
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")
_STATUS = re.compile(r"^Status: (accepted|superseded by \[ADR \d+\]\([\w.-]+\))[.;]", re.M)


def _pages() -> list[Path]:
    return sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})


def links() -> Iterator[str]:
    """Each relative link names a file that is there, and a heading of it."""
    for page in _pages():
        for name, anchor in _LINK.findall(page.read_text()):
            target = page.parent / name if name else page
            if not target.exists():
                yield f"{page.relative_to(ROOT)} links to {name}, which is not there"
            elif anchor and anchor not in _anchors(target):
                yield f"{page.relative_to(ROOT)} links to {name}#{anchor}, which has no such heading"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def decisions() -> Iterator[str]:
    """Each ADR says whether it is accepted, or which one supersedes it."""
    for page in sorted((ROOT / "docs/adr").glob("*.md")):
        if not _STATUS.search(page.read_text()):
            yield f"docs/adr/{page.name} has no line `Status: accepted.` or `Status: superseded by [ADR n](…).`"
