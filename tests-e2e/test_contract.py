"""Every published schema holds: generated requests get no 500, and only answers that were declared."""

import time
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from people import Person, new_person_with
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

# Wrong sign-ins are counted for the address they come from, which is everybody's here; and the role must stay.
LEFT_OUT = r"/(token|token/refresh|token/revoke|oauth/token|password/change)$|/sessions"
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]
EXAMPLES, SECONDS_EACH = 6, 12


@pytest.fixture(scope="module")
def stranger(url: str, operator: Person) -> Person:
    """An operator of its own."""
    return new_person_with(url, "admin", operator)


SERVICES = ["auth", "points", "payments", "warehouse"]


def test_every_operation_has_a_name_of_its_own(stranger: Person) -> None:
    documents = [stranger.api.get(f"/api/v1/{service}/swagger.json").json() for service in SERVICES]
    methods = [found for document in documents for item in document["paths"].values() for found in item.values()]
    names = Counter(found["operationId"] for found in methods if "operationId" in found)

    assert len(names) > 130
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_published_schema_holds(url: str, stranger: Person, service: str) -> None:
    document = stranger.api.get(f"/api/v1/{service}/swagger.json").json()
    schema = schemathesis.openapi.from_dict(document).exclude(path_regex=LEFT_OUT)
    wrong: dict[str, str] = {}
    until = time.monotonic() + SECONDS_EACH

    for operation in (found.ok() for found in schema.get_all_operations()):
        try:
            _holds(operation, url, stranger.api.token, until)
        except Exception as problem:  # noqa: BLE001 - all operations are tried, and all that is wrong is told at once
            wrong[operation.label] = str(problem)[:400]

    assert not wrong, "\n".join(f"{label}: {problem}" for label, problem in wrong.items())


def _holds(operation: Any, url: str, token: str, until: float) -> None:
    sent = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def sends(case: Any) -> None:
        nonlocal sent
        # However slow the machine is, each operation is asked once: else its test could not fail.
        if sent == 0 or time.monotonic() < until:
            sent += 1
            response = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
            assert b'"gateway.not_found"' not in response.content, "no service was asked"
            case.validate_response(response, checks=CHECKS)

    sends()
    assert sent, "nothing was sent"
