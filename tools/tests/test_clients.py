"""How tests speak with the API is said in one place: what it costs, and that lists have pages."""

import re

from tools.stack.layout import ROOT


def test_each_request_of_a_test_goes_through_the_middleware_that_was_loaded_once() -> None:
    """A client of its own looks through all static files first, which takes longer than most requests."""
    home = ROOT / "shared/shared/testing/actors.py"
    those = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py") if path != home]

    assert [path for path in those if "APIClient(" in path.read_text()] == []
    assert "APIClient(" in home.read_text()


def test_each_journey_reads_lists_page_by_page() -> None:
    """Others write beside it: what it looks for in everybody's list may be on any page."""
    first_pages = re.compile(r"\.get\(.*\[\"results\"\]")
    those = (ROOT / "tests-e2e").rglob("*.py")

    assert [path.name for path in those if first_pages.search(path.read_text())] == []
