"""Where SANDBOX is not set there is nothing that only a test installation may have."""

import pytest

from shared.testing.sandbox import sandbox_paths, started_with


@pytest.mark.parametrize("sandbox", [None, "", "false"])
def test_unless_it_is_set_there_is_no_sandbox(sandbox: str | None) -> None:
    is_sandbox, paths = started_with(sandbox)

    assert not is_sandbox
    assert len(paths) > 10
    assert sandbox_paths(paths) == []


def test_where_it_is_set_there_is() -> None:
    is_sandbox, paths = started_with("true")

    assert is_sandbox
    assert sandbox_paths(paths) == ["api/v1/bench/noop"]
