from pathlib import Path

import pytest

from shared.http.gateway import BY_GATEWAY, BY_GATEWAY_OF_BODIES
from tools import reached
from tools.docs import GATEWAY_ERRORS

DECLARED = "POST notes\tnotes.full\nPOST notes\tnotes.closed\nGET notes\tnot_found\n"
SEEN = """POST notes\tnotes.full\tNotesFull\tapp.Notes\town
POST notes\trequest.invalid\tInvalidRequest\tapp.Notes\tdoor
"""
SEEN_ELSEWHERE = "GET notes\tnot_found\tNotFound\tapp.Notes\town\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reached, "ROOT", tmp_path)
    folder = reached.folder_of("points")
    folder.mkdir(parents=True)
    (folder / "declared").write_text(DECLARED)
    (folder / "1.reached").write_text(SEEN)
    return folder


def test_a_declared_refusal_that_no_process_reached_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "2.reached").write_text(SEEN_ELSEWHERE)

    assert reached.lacking(["points", "tools"]) == ["points (refusals never reached)"]
    assert capsys.readouterr().out == "points: no test reaches POST notes notes.closed\n"


def test_what_all_processes_together_reached_is_enough(folder: Path) -> None:
    (folder / "2.reached").write_text(SEEN_ELSEWHERE)
    (folder / "3.reached").write_text("POST notes\tnotes.closed\tNotesClosed\tapp.Notes\town\n")

    assert reached.lacking(["points"]) == []


@pytest.mark.parametrize("options", [[], ["--observed"]])
def test_a_folder_of_which_no_run_is_recorded_is_not_passed(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    (folder / "declared").unlink()

    assert reached.main("points", *options) == 1
    assert capsys.readouterr().out == "points: no run recorded: make test s=points first\n"


def test_after_all_tests_each_folder_with_operations_has_a_run_recorded(folder: Path) -> None:
    names = ["auth", "points", "shared", "tools", "gateway"]

    assert reached.lacking(names) == ["auth (no run recorded)", "shared (no run recorded)"]


@pytest.mark.parametrize("name", ["nonsense", "tools", ""])
def test_a_name_that_has_no_operations_is_refused(name: str) -> None:
    with pytest.raises(SystemExit) as refused:
        reached.main(name)

    assert refused.value.code == 2


def test_the_command_fails_for_what_was_not_reached_and_for_nothing_else(folder: Path) -> None:
    assert reached.main("points") == 1

    (folder / "declared").write_text("POST notes\tnotes.full\n")
    assert reached.main("points") == 0
    assert reached.main("points", "--observed") == 0


def test_what_was_observed_is_told_without_the_doors(folder: Path) -> None:
    assert reached.observed("points") == ["POST notes (app.Notes): notes.full NotesFull"]


def test_a_run_of_all_tests_begins_anew(folder: Path) -> None:
    reached.begin_anew(["points"])

    assert not folder.exists()


def test_what_operations_declare_of_the_gateway_is_what_it_answers() -> None:
    answered = {(status, code): title for code, status, title, _ in GATEWAY_ERRORS}

    for status, titles in (BY_GATEWAY | BY_GATEWAY_OF_BODIES).items():
        for code, title in titles.items():
            assert answered[status, code] == title
