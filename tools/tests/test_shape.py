"""The checks of the repository's shape find what they are for."""

from pathlib import Path

import pytest

from tools import check_shape
from tools.stack.layout import PACKAGES, ROOT


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that the checks of words, locks and settings read, free to be spoilt."""
    names = [".env.example", "docker-compose.yml", "tools/dev.lock", "tools/build.lock", "tools/embedded.lock"]
    for service in PACKAGES:
        names += [f"services/{service}/{name}" for name in ("Dockerfile", "compose.yml", "requirements.lock")]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    monkeypatch.setattr(check_shape, "ROOT", tmp_path)
    return tmp_path


def test_a_lock_with_an_address_is_found(repository: Path) -> None:
    lock = repository / "services/points/requirements.lock"
    lock.write_text("--index-url http://packages.example\n" + lock.read_text())
    assert list(check_shape.locks()) == ["services/points/requirements.lock has an address in it"]


def test_a_lock_that_disagrees_is_found(repository: Path) -> None:
    lock = repository / "services/points/requirements.lock"
    lock.write_text(lock.read_text().replace("celery==5.7.0", "celery==5.6.3"))
    assert len(list(check_shape.locks())) == 1


def test_a_dockerfile_of_another_shape_is_found(repository: Path) -> None:
    dockerfile = repository / "services/auth/Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "USER root\n")
    assert [found.split(" departs")[0] for found in check_shape.same_words()] == ["services/auth/Dockerfile"]


def test_a_setting_that_is_not_in_the_example_is_found(repository: Path) -> None:
    code = repository / "services/points/points/config/settings.py"
    code.parent.mkdir(parents=True)
    code.write_text('from shared.env import env_int\nLIMIT = env_int("POINTS_LIMIT", 3)\n')
    found = list(check_shape.settings())
    assert ".env.example has no POINTS_LIMIT" in found
    assert "services/points/compose.yml does not pass POINTS_LIMIT on" in found


def test_a_setting_that_nothing_reads_is_found(repository: Path) -> None:
    example = repository / ".env.example"
    example.write_text(example.read_text() + "FORGOTTEN=1\n")
    assert ".env.example has FORGOTTEN, which nothing reads" in list(check_shape.settings())


def test_a_page_that_names_a_command_as_nobody_types_it_is_found(repository: Path) -> None:
    page = repository / "docs" / "operations.md"
    page.parent.mkdir()
    page.write_text('`make manage s=points c="verify_ledger"`, that is `manage.py`, with its settings')
    assert list(check_shape.commands()) == []
    page.write_text("run `python manage.py verify_ledger`")
    assert list(check_shape.commands()) == [
        'docs/operations.md says manage.py verify_ledger: make manage s=… c="…" runs it'
    ]


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ('rows("EXP" "LAIN SELECT 1")', "nothing"),
        ('rows("EX' + 'PLAIN SELECT 1")', "the planner's choice"),
        ("plan = found.ex" + "plain()", "the planner's choice"),
        ("time.sl" + "eep(0.1)", "time to pass"),
        ("from time import monotonic, sl" + "eep", "time to pass"),
        ("assert time.mono" + "tonic() - began < 0.5", "how quick the machine is"),
        ("assert before + delay <= child.restart_at", "nothing"),
        ('rows("SELECT seq_tup_read FROM pg_stat_x' + 'act_user_tables")', "the server's counters by hand"),
    ],
)
def test_a_test_that_depends_on_its_machine_is_found(repository: Path, line: str, asks: str) -> None:
    test = repository / "services/points/tests/operations/test_mood.py"
    test.parent.mkdir(parents=True)
    test.write_text(f"import time\n{line}\n")
    found = [one.split(":2 asks for ")[1].split(":")[0] for one in check_shape.moods()]
    assert found == ([] if asks == "nothing" else [asks])
