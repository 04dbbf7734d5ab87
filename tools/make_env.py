"""Writes .env from .env.example with a fresh secret for each CHANGE_ME: `python -m tools.make_env`."""

import base64
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tools.stack.layout import ROOT

EXAMPLE = ROOT / ".env.example"
PLACEHOLDER = "CHANGE_ME"
# Fernet wants exactly 32 bytes, in base64.
FERNET = "AUTH_KEY_ENCRYPTION_KEY"
# What is off unless it is set, and on where people develop and test.
DEVELOPMENT = {"#SANDBOX=false": "SANDBOX=true"}


def rendered(example: str) -> str:
    """The example with every placeholder replaced, each by a secret of its own, and what development needs set."""
    return "".join(_rendered_line(line) for line in example.splitlines(keepends=True))


def _rendered_line(line: str) -> str:
    if line.strip() in DEVELOPMENT:
        return line.replace(line.strip(), DEVELOPMENT[line.strip()])
    if line.startswith("#") or PLACEHOLDER not in line:
        return line
    if line.startswith(FERNET):
        return line.replace(PLACEHOLDER, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    # token_urlsafe needs no quoting inside an address; the prefix keeps "-" from being read as an option.
    return line.replace(PLACEHOLDER, "s" + secrets.token_urlsafe(24))


def write_env(target: Path, *, overwrite: bool = False) -> bool:
    """Writes `target`, readable by its owner only; tells whether it did.

    An existing file is left alone: its passwords are those of the databases on disk.
    """
    if target.exists() and not overwrite:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with private_file(target) as file:
        file.write(rendered(EXAMPLE.read_text()))
    return True


def setting_names(example: Path = EXAMPLE) -> list[str]:
    """Each setting that the example describes, also those that stay as they are."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example.read_text(), re.M)


@contextmanager
def private_file(target: Path) -> Iterator[TextIO]:
    """A file to write that only its owner reads; it takes the place of `target` once it is whole."""
    partial = target.with_name(target.name + ".new")
    partial.unlink(missing_ok=True)
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        yield file
    partial.replace(target)


def read_env(path: Path) -> dict[str, str]:
    """The settings of an .env file."""
    return parse_env(path.read_text())


def parse_env(text: str) -> dict[str, str]:
    """The settings in the text of an .env file, without comments."""
    lines = (line.strip() for line in text.splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


if __name__ == "__main__":
    print(".env written" if write_env(ROOT / ".env") else ".env is there already: left as it is")
