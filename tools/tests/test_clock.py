"""The check of the two clocks finds what it is for, in a small repository in which all is well before."""

from pathlib import Path

import pytest

from tools import check_clock
from tools.check_clock import callers, clocks, columns, servers

PAGE = """
# The two clocks

### Columns: points

| table | the installation's | the machine's |
|---|---|---|
| `hold` | `created_at` `last_day` | `tried_at` |

### Modules

| module | clock | why |
|---|---|---|
| `points.holds.guesses` | the machine's | guesses |
| `points.holds.api` | both | holds and guesses |
| `shared.clock` | its own | for all |
"""
MODELS = '''
"""A hold."""

from django.db import models


class Hold(models.Model):
    created_at = models.DateTimeField()
    last_day = models.DateField(null=True)
    tried_at = models.DateTimeField()

    class Meta:
        db_table = "hold"
'''
FILES = {
    "docs/clock.md": PAGE,
    "shared/shared/clock.py": "from datetime import UTC, datetime\n\nmachine_now = lambda: datetime.now(UTC)\n",
    "services/points/points/holds/models.py": MODELS,
    "services/points/points/holds/tasks.py": "from shared import clock\n\nat = clock.now()\n",
    "services/points/points/holds/guesses.py": "from shared import clock\n\nat = clock.machine_now()\n",
    "services/points/points/holds/api/holds.py": "from shared import clock\n\nat = clock.now(), clock.machine_now()\n",
    "services/points/points/holds/migrations/0001_initial/hold.sql": "-- now() is no clock of ours.\nSELECT 1;\n",
}
HOLDS = "services/points/points/holds"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a model, a module for each clock, and a page that names them."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(check_clock, "ROOT", tmp_path)
    return tmp_path


def change(repository: Path, name: str, old: str, new: str) -> None:
    path = repository / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def add(repository: Path, name: str, text: str) -> None:
    (repository / HOLDS / name).write_text(text)


def test_a_repository_that_is_as_its_page_says_has_nothing_to_find(repository: Path) -> None:
    assert list(clocks()) == []


def test_this_repository_has_columns_and_modules_to_look_at() -> None:
    assert len({column for path in check_clock._code() for column in check_clock._columns(path)}) > 100


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (" `tried_at`", " –", "docs/clock.md names points hold tried_at 0 times"),
        (" `last_day`", "", "docs/clock.md names points hold last_day 0 times"),
        ("`tried_at`", "`tried_at` `created_at`", "docs/clock.md names points hold created_at 2 times"),
        ("`tried_at`", "`tried_at` `lost_at`", "docs/clock.md names points hold lost_at 1 times; no model has it"),
    ],
)
def test_a_column_that_the_page_does_not_name_once_is_found(repository: Path, old: str, new: str, found: str) -> None:
    change(repository, "docs/clock.md", old, new)

    assert list(columns()) == [found]


def test_a_column_of_another_service_or_table_is_another_column(repository: Path) -> None:
    change(repository, "docs/clock.md", "### Columns: points", "### Columns: payments")

    assert len(list(columns())) == 6


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("tasks.py", "from shared import clock\nat = clock.machine_now()\n", "calls clock.machine_now"),
        ("tasks.py", "from shared import clock\nat = clock.ahead()\n", "calls clock.ahead"),
        ("more.py", "from shared import clock\nread = clock.machine_now\n", "calls clock.machine_now"),
        ("more.py", "from shared.clock import machine_now\n", "reads clock.machine_now by its name"),
        ("more.py", "from shared import clock as c\n", "reads the clock as c"),
        ("more.py", "import datetime\nat = datetime.datetime.now()\n", "reads datetime.now"),
        ("more.py", "from datetime import datetime\nat = datetime.utcnow()\n", "reads datetime.utcnow"),
        ("more.py", "from datetime import datetime\nat = datetime.today()\n", "reads datetime.today"),
        ("more.py", "from datetime import date\nday = date.today()\n", "reads date.today"),
        ("more.py", "import time\nat = time.time()\n", "reads time.time"),
        ("more.py", "from time import time_ns\n", "reads time.time_ns"),
        ("more.py", "from django.utils import timezone\nat = timezone.now()\n", "reads timezone.now"),
        ("more.py", "from django.utils.timezone import now\n", "reads timezone.now"),
        ("more.py", "from django.db.models.functions import Now\n", "reads functions.Now"),
        ("more.py", "at = models.TimeField(auto_now_add=True)\n", "reads auto_now_add"),
    ],
)
def test_a_clock_that_a_module_may_not_read_is_found(repository: Path, name: str, text: str, found: str) -> None:
    add(repository, name, text)

    [departure] = callers()
    assert departure.startswith(f"{HOLDS}/{name} {found}: ")


def test_a_module_of_the_machines_may_not_ask_the_installations_clock(repository: Path) -> None:
    add(repository, "guesses.py", "from shared import clock\n\nboth = clock.now(), clock.machine_now()\n")

    assert list(callers()) == [f"{HOLDS}/guesses.py calls clock.now: docs/clock.md lets it not"]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            "| `points.holds.api` | both |",
            "| `points.holds.apis` | both |",
            "lists points.holds.apis, which asks no such",
        ),
        ("| `points.holds.api` | both |", "| `points.holds.api` | any |", "says 'any' of points.holds.api"),
    ],
)
def test_a_line_of_the_page_that_is_true_of_no_module_is_found(
    repository: Path, old: str, new: str, found: str
) -> None:
    change(repository, "docs/clock.md", old, new)

    assert any(departure.startswith(f"docs/clock.md {found}") for departure in callers())


def test_what_is_measured_is_no_clock(repository: Path) -> None:
    add(repository, "more.py", "import time\n\nbegan = time.monotonic(), time.perf_counter()\n")

    assert list(clocks()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT now()",
        "SELECT NOW ( )",
        "SELECT clock_timestamp()",
        "SELECT statement_timestamp()",
        "SELECT transaction_timestamp()",
        "SELECT CURRENT_TIMESTAMP",
        "SELECT current_date",
        "SELECT LOCALTIME",
        "SELECT localtimestamp(0)",
        "SELECT 'now'::timestamptz",
        "SELECT CAST('today' AS date)",
        "SELECT timestamptz 'now'",
    ],
)
def test_a_statement_that_asks_the_server_for_the_time_is_found(repository: Path, statement: str) -> None:
    add(repository, "rows.py", f'SQL = f"""{statement} FROM hold"""\n')
    add(repository, "migrations/0001_initial/hold.sql", f"{statement} FROM hold;\n")

    found = list(servers())

    assert [departure.split(" asks")[0] for departure in found] == [
        f"{HOLDS}/rows.py",
        f"{HOLDS}/migrations/0001_initial/hold.sql",
    ]


def test_what_only_explains_asks_nobody(repository: Path) -> None:
    add(
        repository,
        "rows.py",
        '"""Never asks now() of the server, as `knowing()` does not."""\nSQL = "SELECT known()"\n',
    )

    assert list(servers()) == []
