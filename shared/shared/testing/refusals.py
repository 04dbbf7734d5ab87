"""Part of the pytest plugin: each answer of an operation is compared with what it declares, each refusal noted down.

A test in which an operation answers a code, a content type or a body that it does not declare fails. With REACHED_DIR
each process writes there what it saw and what is declared, which `tools/reached.py` compares after all tests.
"""

import json
import os
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from rest_framework.views import APIView

from shared.errors import REGISTRY, InternalError
from shared.http.refusals import doors, own_refusals
from shared.http.views import operation_of

pytest.register_assert_rewrite("shared.testing.doors")
REACHED: set[str] = set()
UNDECLARED: list[str] = []
# Fifty threads that race would each make the document that all of them are compared with.
_ONE_AT_A_TIME = threading.Lock()


@pytest.fixture(autouse=True, scope="session")
def _refusals_seen() -> Iterator[None]:
    """See every answer of every view, whoever asked: a client, or a test that calls the view itself."""
    answered = APIView.dispatch

    def dispatch(view: APIView, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response: Any = answered(view, request, *args, **kwargs)
        _compare(view, request, response)
        if response.get("Content-Type", "").startswith("application/problem+json"):
            _note(view, request, json.loads(response.content)["code"])
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(APIView, "dispatch", dispatch)
        yield


def _compare(view: APIView, request: HttpRequest, response: Any) -> None:
    method = request.method or ""
    # A defect has no shape, and a test that calls the view itself has no path.
    if response.status_code == InternalError.status or not operation_of(view, method) or not request.resolver_match:
        return
    if not getattr(response, "is_rendered", True):
        response.render()
    # These need Django's apps, which this plugin is loaded before.
    from shared.testing.answers import undeclared
    from shared.testing.operations import published

    route = request.resolver_match.route
    # A HEAD is a GET whose body Django drops later.
    with _ONE_AT_A_TIME:
        found = undeclared("GET" if method == "HEAD" else method, published(route), response)
    UNDECLARED.extend(f"{method} {route} answered {response.status_code}, and not as declared: {one}" for one in found)


def _note(view: APIView, request: HttpRequest, code: str) -> None:
    method = request.method or ""
    # A defect is no refusal, and a method that is not there is no operation.
    if code == InternalError.code or not operation_of(view, method):
        return
    route = request.resolver_match.route if request.resolver_match else ""
    kind = type(view)
    refusal = REGISTRY[code]
    place = "door" if refusal in doors(view, method) else "own"
    where = f"{kind.__module__}.{kind.__qualname__}"
    REACHED.add("\t".join([f"{method} {route}", code, refusal.__name__, where, place]))
    if place == "own" and refusal not in own_refusals(view, method):
        said = f"answered {code!r}, which it does not declare: refuses=({refusal.__name__},)"
        UNDECLARED.append(f"{method} {route} {said}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """Fail a test in which an operation answered what it does not declare."""
    UNDECLARED.clear()
    result = yield
    found = sorted(set(UNDECLARED))
    UNDECLARED.clear()
    if found:
        pytest.fail("\n".join(found), pytrace=False)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down what was reached, and what is declared."""
    folder = os.environ.get("REACHED_DIR")
    if not folder:
        return
    from shared.testing.operations import targets

    is_shared = session.config.rootpath.name == "shared"
    # What shared gives to each service is tested in shared.
    own = [one for one in targets() if is_shared or not one.view.__module__.startswith("shared.")]
    declared = {f"{one.name}\t{code}" for one in own for code in one.own_codes()}
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, "declared").write_text("".join(f"{line}\n" for line in sorted(declared)))
    Path(folder, f"{os.getpid()}.reached").write_text("".join(f"{line}\n" for line in sorted(REACHED)))
