import subprocess
from typing import Any

import pytest

from tools import lanes
from tools.run_tests import FOLDERS
from tools.stack.layout import ROOT


def test_the_parts_of_a_folder_are_all_of_it_and_apart() -> None:
    for folder, named in lanes.PARTS.items():
        one, other = lanes.parts_of(folder)

        assert one.stand != other.stand
        assert one.options == named
        assert other.options == tuple(f"--ignore={path}" for path in named)
        assert all(list((ROOT / FOLDERS[folder] / path).glob("test_*.py")) for path in named)


def test_every_folder_is_run_and_those_that_fail_are_named(
    monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def run(command: list[str], **_: Any) -> Any:
        asked.append(command[-3:])
        return subprocess.CompletedProcess(command, "auth" in command, stdout=f"said by {command[-2]}\n")

    monkeypatch.setattr("tools.lanes.subprocess.run", run)

    assert lanes.run_all(FOLDERS, ["-x", "-k a or b"]) == ["auth"]

    assert {folder for folder, _, _ in asked} == set(FOLDERS)
    assert ["auth", "--stand=auth", "--options=-x '-k a or b'"] in asked
    assert asked[0][1:] == ["--stand=points-1", "--options=tests/operations tests/model -x '-k a or b'"]
    assert "said by --stand=auth\n--- auth:" in capsys.readouterr().out
