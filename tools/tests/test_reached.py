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
