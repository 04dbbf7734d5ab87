"""docs/security.md says of every requirement what shows it, and what it names is there."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tools.stack.layout import ROOT, VENV_BIN

PAGE = (ROOT / "docs/security.md").read_text()
VERDICTS = ("yes", "partly", "missing", "n/a")
# The numbers of levels 1 and 2, in their order.
REQUIREMENTS = (Path(__file__).parent / "asvs-4.0.3-level-2.txt").read_text().split()


def asvs(page: str) -> dict[str, tuple[str, str]]:
    """Return verdict and reason of each requirement; a row may be about several in a row."""
    found = {}
    for first, last, verdict, why in re.findall(
        r"^\| ([\d.]+)(?:–[\d.]+\.(\d+))? \| [^|]+ \| ([^|]+) \| (.+) \|$", page, re.M
    ):
        section, number = first.rsplit(".", 1)
        for each in range(int(number), int(last or number) + 1):
            assert f"{section}.{each}" not in found, f"{section}.{each} twice"
            found[f"{section}.{each}"] = (verdict, why)
    return found


def named(text: str) -> list[str]:
    """Return the paths that a text names."""
    return re.findall(r"`([\w.-]+(?:/[\w.-]+)+|[\w-]+\.(?:md|toml|yml))`", text)


def personal(models: str) -> set[str]:
    """Return the columns of a module of models whose names say that people's data are in them."""
    found = re.findall(r"^    (\w*(?:email|phone|birth|address|last4|fingerprint)\w*) = models\.", models, re.M)
    return {one for one in found if not one.endswith("_at")}


def test_every_requirement_of_level_2_is_answered_once() -> None:
    assert list(asvs(PAGE)) == REQUIREMENTS
    assert f"All {len(REQUIREMENTS)} requirements of levels 1 and 2" in PAGE


def test_every_verdict_is_a_known_one_and_what_is_shown_names_what_shows_it() -> None:
    wrong = {
        number: (verdict, why)
        for number, (verdict, why) in asvs(PAGE).items()
        if verdict not in VERDICTS or (verdict == "yes" and not (named(why) or "`make " in why))
    }
    assert wrong == {}


def test_what_is_not_there_says_why() -> None:
    silent = {
        number: why
        for number, (verdict, why) in asvs(PAGE).items()
        if verdict != "yes" and len(re.sub(r"`[^`]*`", "", why).split()) < 3
    }
    assert silent == {}


def test_the_counts_are_those_of_the_tables() -> None:
    counts = Counter(verdict for verdict, _ in asvs(PAGE).values())
    assert ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS) in PAGE


def test_every_path_that_the_page_names_is_there() -> None:
    assert len(named(PAGE)) > 200
    assert [path for path in sorted(set(named(PAGE))) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path", ["services/auth/tests/api/test_no_such.py", "docs/no-such.md", "NO.md"])
def test_a_path_that_is_gone_would_be_seen(path: str) -> None:
    assert named(f"shown by `{path}`, and so on") == [path]


def test_every_column_with_data_of_people_is_classified() -> None:
    columns = {
        one
        for path in (*ROOT.glob("services/*/*/**/models.py"), *ROOT.glob("services/*/*/**/models/*.py"))
        for one in personal(path.read_text())
    }
    assert {"email", "address", "card_last4"} <= columns
    assert [one for one in sorted(columns) if f"`{one}`" not in PAGE] == []


def test_a_new_column_with_data_of_people_would_be_seen() -> None:
    models = "class User:\n    phone_number = models.CharField()\n    note = models.TextField()"
    assert personal(models) == {"phone_number"}


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ('eval("1")', "S307"),
        ('import os\n\nos.system("ls " + input())', "S605"),
        ('import subprocess\n\nsubprocess.run("ls " + input(), shell=True)', "S602"),
        ("import pickle\n\npickle.loads(input().encode())", "S301"),
    ],
)
def test_the_linter_refuses_what_runs_text(code: str, rule: str) -> None:
    command = (VENV_BIN / "ruff", "check", "--quiet", "--stdin-filename=services/points/points/new.py", "-")
    done = subprocess.run(command, input=code, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, f"{rule} " in done.stdout) == (1, True), done.stdout
