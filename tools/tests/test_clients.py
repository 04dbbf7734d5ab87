"""What tests of the API cost is said in one place."""

from tools.stack.layout import ROOT


def test_each_request_of_a_test_goes_through_the_middleware_that_was_loaded_once() -> None:
    """A client of its own looks through all static files first, which takes longer than most requests."""
    home = ROOT / "shared/shared/testing/actors.py"
    those = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py") if path != home]

    assert [path for path in those if "APIClient(" in path.read_text()] == []
    assert "APIClient(" in home.read_text()
