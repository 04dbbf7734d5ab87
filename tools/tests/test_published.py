"""What is published is listed by name, and no name goes unless the changelog says so."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import check_published, published
from tools.check_published import NOT_RUN, named, unnamed

CHANGELOG = "# Changelog\n\n## 0.2.0\n\n{}\n### The stack\n- `new`\n\n## 0.1.0\n\n### Names that changed\n- `old`\n"
HOLD = ["schema Hold points object", "schema Hold.id points string", "schema Hold.status points string"]
DESCRIBED = {
    "paths": {
        "/holds/{hold_id}": {
            "parameters": [{"name": "hold_id", "in": "path", "type": "string", "required": True}],
            "post": {
                "operationId": "end_hold",
                "parameters": [
                    {"name": "data", "in": "body", "required": True, "schema": {"$ref": "#/definitions/NewEnd"}},
                    {"name": "kind", "in": "query", "type": "string", "enum": ["all", "some"]},
                ],
                "responses": {
                    "200": {"schema": {"$ref": "#/definitions/Hold"}},
                    "204": {},
                    "409": {"schema": {"type": "object"}, "x-problem-codes": ["hold.ended", "hold.void"]},
                },
            },
        }
    },
    "schemas": {
        "$defs": {
            "Hold": {
                "type": "object",
                "required": ["state"],
                "properties": {
                    "state": {"anyOf": [{"type": "string", "enum": ["open"]}, {"type": "null"}]},
                    "parts": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"points": {"type": "integer"}}},
                    },
                    "of": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Owner"}},
                },
            }
        }
    },
    "commands": ["verify_ledger"],
    "metrics": [["waiting", "destination", "lane"]],
}


def test_all_that_a_service_publishes_is_named() -> None:
    assert published.page(published.of_service("points", DESCRIBED)).splitlines() == [
        "command verify_ledger points",
        "metric waiting destination lane",
        "operation end_hold points 200 Hold",
        "operation end_hold points 204",
        "operation end_hold points 409 hold.ended",
        "operation end_hold points 409 hold.void",
        "operation end_hold points POST /holds/{hold_id}",
        "operation end_hold points body NewEnd",
        "operation end_hold.hold_id points path string",
        'operation end_hold.kind points query = "all"',
        'operation end_hold.kind points query = "some"',
        "operation end_hold.kind points query string optional",
        "schema Hold points object",
        "schema Hold.of points {Owner} optional",
        "schema Hold.parts points [object] optional",
        "schema Hold.parts.points points integer optional",
        'schema Hold.state points = "open"',
        "schema Hold.state points string or null",
    ]


def test_a_message_has_the_fields_of_its_parts() -> None:
    line = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}
    schema = {
        "$ref": "#/$defs/Sold",
        "$defs": {
            "Line": line,
            "Sold": {
                "type": "object",
                "required": ["lines"],
                "properties": {"lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}},
            },
        },
    }
    assert list(published.of_message("sold", 2, schema)) == [
        "message sold.v2 object",
        "message sold.v2.lines [Line]",
        "message sold.v2.lines.sku string",
    ]


@pytest.mark.parametrize(
    ("after", "written", "missing"),
    [
        pytest.param(HOLD, [], [], id="nothing_changed"),
        pytest.param([*HOLD, "schema Hold.points points integer"], [], [], id="a_name_is_new"),
        pytest.param(HOLD[:2], [], ["Hold.status"], id="a_member_went"),
        pytest.param(HOLD[:2], ["Hold.status"], [], id="a_member_went_and_is_named"),
        pytest.param(HOLD[:2], ["Hold"], ["Hold.status"], id="what_has_other_members_does_not_stand_for_one"),
        pytest.param([*HOLD[:2], "schema Hold.status points integer"], [], ["Hold.status"], id="of_another_type"),
        pytest.param([], ["Hold"], [], id="all_of_it_went_and_it_is_named"),
        pytest.param([], ["Hol"], ["Hold", "Hold.id", "Hold.status"], id="all_of_it_went_and_another_is_named"),
        pytest.param(["message Hold.v1"], ["Hold"], [], id="a_thing_of_another_kind_has_its_name"),
    ],
)
def test_what_went_has_to_be_named(after: list[str], written: list[str], missing: list[str]) -> None:
    assert list(unnamed(HOLD, after, written)) == missing


def test_a_version_of_a_message_may_go_whole() -> None:
    before = ["message sold.v1 object", "message sold.v1.sku string", "message sold.v2 object"]
    assert unnamed(before, before[2:], ["sold.v1"]) == {}
    assert list(unnamed(before, before[2:], ["sold"])) == ["sold.v1", "sold.v1.sku"]


def test_names_count_in_the_version_that_is_to_come_alone() -> None:
    assert named(CHANGELOG.format("")) == set()
    assert named(CHANGELOG.format("### Names that changed\n- `a.b` is `c`;\n  `d`\n")) == {"a.b", "c", "d"}
    assert named("# Changelog\n") == set()


@pytest.fixture
def commit(tmp_path: Path) -> Callable[..., None]:
    """Commits a list of names to a repository of its own."""

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words], cwd=tmp_path, check=True)

    def make(*lines: str, branch: str = "") -> None:
        if not (tmp_path / ".git").exists():
            git("init", "--quiet", "--initial-branch=main")
        if branch:
            git("switch", "--quiet", "--create", branch)
        write(tmp_path, *lines)
        git("add", ".")
        git("commit", "--quiet", "--allow-empty", "--message=names")

    return make


def write(root: Path, *lines: str, words: str = "") -> None:
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs/published.txt").write_text(published.page(lines))
    (root / "CHANGELOG.md").write_text(CHANGELOG.format(f"### Names that changed\n{words}\n"))


def test_on_main_it_is_compared_with_the_commit_before(
    tmp_path: Path, commit: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    commit("code a 404", "code b 404")
    commit("code a 404")
    assert check_published.main(tmp_path) == 1
    assert "does not name `b`" in capsys.readouterr().out
    write(tmp_path, "code a 404", words="`b` is gone")
    assert check_published.main(tmp_path) == 0


def test_on_a_branch_it_is_compared_with_where_it_left_main(tmp_path: Path, commit: Callable[..., None]) -> None:
    commit("code a 404")
    commit("code c 404", branch="work")
    commit("code c 404")
    assert check_published.main(tmp_path) == 1
    write(tmp_path, "code d 404", words="`a` is `d`")
    assert check_published.main(tmp_path) == 0


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("SELECT 2")], ids=["gone", "another"])
def test_a_migration_that_was_there_stays_as_it_was(
    tmp_path: Path, commit: Callable[..., None], capsys: pytest.CaptureFixture[str], change: Callable[[Path], object]
) -> None:
    folder = tmp_path / "services/points/points/tiers/migrations/0001_initial"
    folder.mkdir(parents=True)
    (folder / "tiers.sql").write_text("SELECT 1")
    commit("code a 404")
    commit("code a 404", branch="work")
    (folder / "more.sql").write_text("SELECT 1")
    assert check_published.main(tmp_path) == 0

    change(folder / "tiers.sql")

    name = str((folder / "tiers.sql").relative_to(tmp_path))
    assert check_published.main(tmp_path) == 1
    assert f"{name} is not as databases ran it" in capsys.readouterr().out
    write(tmp_path, "code a 404", words=f"`{name}` is another")
    assert check_published.main(tmp_path) == 0


def test_nothing_to_compare_with_is_said_and_is_no_success(
    tmp_path: Path, commit: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "code a 404")
    assert check_published.main(tmp_path) == NOT_RUN
    commit("code a 404")
    assert check_published.main(tmp_path) == NOT_RUN
    assert capsys.readouterr().out.count("not compared") == 2


def test_in_a_shallow_clone_it_is_said_that_nothing_was_compared(
    tmp_path: Path, commit: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    commit("code a 404")
    commit("code a 404")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{tmp_path}", str(clone)], check=True)
    assert check_published.main(clone) == check_published.NOT_RUN
    assert "not compared" in capsys.readouterr().out
