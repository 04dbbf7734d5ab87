import pytest

from shared.testing.actors import anonymous
from tests.api.paths import CLOSED, OPEN, SOME_ID

pytestmark = pytest.mark.django_db


@pytest.fixture
def operations():
    schema = anonymous().get("/api/v1/payments/swagger.json").json()
    return {
        (method.upper(), path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_every_operation_has_a_summary_and_a_schema_for_each_answer(operations):
    for name, operation in operations.items():
        assert operation["summary"], name
        assert any(status.startswith("2") for status in operation["responses"]), name
        for status, answer in operation["responses"].items():
            assert "schema" in answer, f"{name} {status}"


def test_the_paths_are_those_that_these_tests_know(operations):
    written = {(method, path.replace(SOME_ID, "{}")) for method, path, *_ in [*CLOSED, *OPEN]}
    found = {
        (method, "/".join("{}" if part.startswith("{") else part for part in path.split("/")))
        for method, path in operations
        if "/messages" not in path  # those of every service: shared/tests/test_messages_api.py
    }

    assert sorted(found - written) == [], "add them to CLOSED in tests/api/paths.py, with a role that lacks the scope"
    assert sorted(written - found) == [], "published no more: take them out of tests/api/paths.py"


def test_what_moves_value_declares_its_key_and_body(operations):
    for (method, path), operation in operations.items():
        names = {(parameter["in"], parameter["name"]) for parameter in operation["parameters"]}
        if method == "POST" and not path.endswith("/wallets"):
            assert ("header", "Idempotency-Key") in names, path
