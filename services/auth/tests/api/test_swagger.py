import pytest

from tests.api.paths import MANAGED, OPEN, OWN, SOME_ID

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(visitor):
    return visitor.get("/api/v1/auth/swagger.json").json()


def operations(schema):
    """Yield this service's own: the messages' are those of every service (shared/tests/test_messages_api.py)."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "/messages" not in path and method != "parameters":
                yield f"{method.upper()} {path}", operation


def test_every_operation_has_a_summary_a_success_and_problems_for_its_refusals(schema):
    for name, operation in operations(schema):
        assert operation["summary"], name
        assert any(status.startswith("2") for status in operation["responses"]), name
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert answer["schema"]["description"] == "RFC 9457 problem details", f"{name} {status}"


# These take no body at all.
BARE = ("deactivate", "/secrets")


def test_every_operation_that_takes_a_body_declares_it(schema):
    declared = 0
    for name, operation in operations(schema):
        places = {parameter["in"] for parameter in operation["parameters"]}
        if name.startswith(("POST", "PATCH")) and not name.endswith(BARE):
            assert places & {"body", "formData"}, name
            declared += 1
        else:
            assert not places & {"body", "formData"}, name
    assert declared == 9


def test_every_answer_with_a_body_has_a_schema(schema):
    for name, operation in operations(schema):
        for status, answer in operation["responses"].items():
            assert ("schema" in answer) == (status != "204"), f"{name} {status}"


def test_says_which_operations_need_no_token(schema):
    open_ones = {name for name, operation in operations(schema) if operation["security"] == []}

    assert open_ones == {
        "POST /api/v1/auth/register",
        "POST /api/v1/auth/token",
        "POST /api/v1/auth/token/refresh",
        "POST /api/v1/auth/token/revoke",
        "POST /api/v1/auth/oauth/token",
        "GET /.well-known/jwks.json",
        "GET /.well-known/openid-configuration",
    }


def test_this_services_tests_know_every_path(schema):
    written = {
        (method, path.replace(f"/{SOME_ID}", "/{}").replace("/member", "/{}"))
        for method, path in [*OPEN, *OWN, *MANAGED]
    }
    found = set()
    for name, _ in operations(schema):
        method, path = name.split()
        found.add((method, "/".join("{}" if part.startswith("{") else part for part in path.split("/"))))

    others = {("POST", "/api/v1/auth/oauth/token"), ("GET", "/.well-known/jwks.json")}
    known = written | others | {("GET", "/.well-known/openid-configuration")}
    assert sorted(found - known) == [], "add them to OPEN, OWN or MANAGED in tests/api/paths.py"
    assert sorted(known - found) == [], "published no more: take them out of tests/api/paths.py"
