"""The checks of the repository's shape find what they are for."""

from pathlib import Path

import pytest

from tools import check_migrations, check_modules, check_pages, check_shape
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
    for module in (check_shape, check_migrations, check_modules, check_pages):
        monkeypatch.setattr(module, "ROOT", tmp_path)
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


def test_sql_that_its_migration_does_not_load_is_found(repository: Path) -> None:
    folder = repository / "services/points/points/ledger/migrations"
    for name in ("0001_initial/loaded.sql", "0001_initial/left.sql", "0002_gone/lost.sql"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("SELECT 1;")
    (folder / "0001_initial.py").write_text(
        'operations = [RunFiles(__file__, "loaded", "missing"), migrations.RunSQL("")]'
    )
    where = str(folder.relative_to(repository))
    assert list(check_migrations.migrations()) == [
        f"{where}/0001_initial.py does not load left.sql of its folder",
        f"{where}/0001_initial.py loads missing.sql, which is not in its folder",
        f"{where}/0001_initial.py has SQL of its own: it belongs into {where}/0001_initial/, loaded by RunFiles",
        f"{where}/0002_gone belongs to no migration",
    ]


def test_a_link_to_nowhere_is_found(repository: Path) -> None:
    page = repository / "docs/points/ledger.md"
    page.parent.mkdir(parents=True)
    page.write_text("# The ledger\n\n[a](ledger.md#the-ledger) [b](gone.md) [c](#no-such) [d](https://example.com/x)\n")
    assert list(check_pages.links()) == [
        "docs/points/ledger.md links to gone.md, which is not there",
        "docs/points/ledger.md links to #no-such, which has no such heading",
    ]


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("Status: accepted.", True),
        ("Status: superseded by [ADR 31](0031-rows.md).", True),
        ("Status: thought about.", False),
        ("Tags: none", False),
    ],
)
def test_a_decision_that_does_not_say_how_it_stands_is_found(repository: Path, line: str, is_one: bool) -> None:
    page = repository / "docs/adr/0001-words.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"# 1. One word per thing\n\n{line}\n")
    assert (list(check_pages.decisions()) == []) == is_one


VIEW = """
class {name}(ServiceView):
    @operation("read_thing", "Read a thing")
    def get(self, request):
        return reply({{}})
"""
BODY = "class Thing(Body):\n    name = Text()\n\n\nclass {name}(Thing):\n    size = WholeNumber()\n"


def write(repository: Path, name: str, text: str = "") -> None:
    path = repository / "services/points/points" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_module_of_the_right_shape_is_left_alone(repository: Path) -> None:
    for name in ("things/api/__init__.py", "things/rules/prices.py", "things/price_lists.py"):
        write(repository, name)
    write(repository, "things/api/bodies.py", BODY.format(name="NewThing"))
    write(
        repository, "things/api/answers/lists.py", BODY.format(name="ThingAnswer").replace("class Thing(", "class One(")
    )
    write(repository, "things/api/things.py", VIEW.format(name="Things"))
    assert list(check_modules.modules()) == []


def test_a_file_that_is_too_long_is_found(repository: Path) -> None:
    write(repository, "ledger/migrations/0001_initial.py", "\n" * 300)
    write(repository, "ledger/locks.py", "\n" * 200)
    write(repository, "things/locks.py", "\n" * 290)
    assert list(check_modules.modules()) == []
    write(repository, "ledger/locks.py", "\n" * 201)
    write(repository, "things/locks.py", "\n" * 291)
    assert [found.split(", more")[0] for found in check_modules.modules()] == [
        "services/points/points/ledger/locks.py has 201 lines",
        "services/points/points/things/locks.py has 291 lines",
    ]


@pytest.mark.parametrize(
    ("name", "beside"),
    [("operational_costs", ""), ("card_operations", "operations"), ("lists_late", "lists"), ("api_refunds", "api")],
)
def test_a_file_that_is_part_of_the_module_beside_it_is_found(repository: Path, name: str, beside: str) -> None:
    for there in ("operations/__init__.py", "api/__init__.py", "lists.py", f"{name}.py"):
        write(repository, f"things/{there}")
    wanted = (
        f"services/points/points/things/{name}.py stands beside {beside}: make that a folder, and this a file of it"
    )
    assert list(check_modules.modules()) == ([wanted] if beside else [])


def test_http_in_one_file_or_in_a_folder_that_is_no_package_is_found(repository: Path) -> None:
    write(repository, "things/api.py")
    write(repository, "others/api/others.py")
    assert list(check_modules.modules()) == [
        "services/points/points/things/api.py is to be a folder: api/",
        "services/points/points/others/api has no __init__.py",
    ]


def test_a_view_elsewhere_or_not_named_after_its_resource_is_found(repository: Path) -> None:
    for name in ("things/api/__init__.py", "things/api/bodies.py", "things/views.py"):
        write(repository, name, "" if name.endswith("__init__.py") else VIEW.format(name="Things"))
    write(repository, "things/api/things.py", VIEW.format(name="ThingView"))
    where = "services/points/points/things"
    assert list(check_modules.modules()) == [
        f"{where}/api/bodies.py: the view Things belongs into the file of its resource in api/",
        f"{where}/api/things.py: ThingView is to be named after its resource",
        f"{where}/views.py: the view Things belongs into the file of its resource in api/",
    ]


def test_a_body_that_a_view_declares_or_two_modules_do_is_found(repository: Path) -> None:
    write(repository, "others/api/__init__.py")
    write(repository, "things/api/__init__.py")
    write(repository, "others/api/bodies.py", BODY.format(name="NewOther"))
    write(repository, "things/api/things.py", BODY.format(name="NewThing"))
    where = "services/points/points"
    assert list(check_modules.modules()) == [
        f"{where}/things/api/things.py: Thing belongs into api/bodies or api/answers",
        f"{where}/things/api/things.py declares Thing, as {where}/others/api/bodies.py does",
        f"{where}/things/api/things.py: NewThing belongs into api/bodies or api/answers",
    ]
