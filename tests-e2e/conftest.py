"""The stack under test and the people who use it. What `tools/e2e.py` tells: see README.md."""

import os
import shlex
import subprocess
from collections.abc import Callable

import pytest
from clients.api import Api
from eventually import eventually
from people import Merchant, Person, new_member, new_merchant, new_person_with, signed_in

SERVICES = ("auth", "points", "payments", "warehouse")
Command = Callable[..., str]
# What takes longer stands still; the proof of a ledger may take minutes where the machine is busy.
HANGS_SECONDS = 600
# The marker of journeys that move the test clock: of the whole stack, so that only one of its own will do.
MOVES_CLOCK = "moves_clock"
# That of journeys that kill a process, known by the fixture: those beside them would find it gone.
KILLS = "kills"


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers of the journeys."""
    config.addinivalue_line("markers", f"{MOVES_CLOCK}: this journey moves the test clock of the whole stack")
    config.addinivalue_line("markers", f"{KILLS}: this journey kills a process of the stack")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the journeys that kill. Let those that move the clock come last, for the others' days are the machine's;
    leave them out on a stack that was not made for the journeys."""
    for item in items:
        if "kill" in getattr(item, "fixturenames", ()):
            item.add_marker(KILLS)
    moving = [item for item in items if item.get_closest_marker(MOVES_CLOCK)]
    others = [item for item in items if item not in moving]
    if "CLOCK_MAY_MOVE" not in os.environ:
        config.hook.pytest_deselected(items=moving)
        moving = []
    items[:] = [*others, *moving]


@pytest.fixture(scope="session")
def url() -> str:
    """The gateway's address, once all four services behind it are ready."""
    address = os.environ["GATEWAY_URL"].rstrip("/")
    for service in SERVICES:
        eventually(lambda name=service: Api(address).get(f"/health/{name}").status_code, 200, seconds=120)  # type: ignore[misc]
    return address


@pytest.fixture(scope="session")
def operator(url: str) -> Person:
    return signed_in(url, os.environ["OPERATOR_EMAIL"], os.environ["OPERATOR_PASSWORD"])


@pytest.fixture(scope="session")
def colleague(url: str, operator: Person) -> Person:
    """A second operator, for what needs two persons."""
    return new_person_with(url, "admin", operator)


@pytest.fixture(scope="session")
def analyst(url: str, operator: Person) -> Person:
    return new_person_with(url, "analyst", operator)


@pytest.fixture(scope="session")
def merchant(url: str, operator: Person) -> Merchant:
    return new_merchant(url, operator)


@pytest.fixture
def member(url: str) -> Person:
    """Somebody new with 1,000.00 EUR in the wallet."""
    return new_member(url, money=100_000)


@pytest.fixture
def other_member(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="session")
def default_programme(operator: Person) -> str:
    """The programme that payments earn in; made where there is none: 1 point for 1.00 EUR, for 365 days.

    The first that a stack has is the default one, so a journey that makes one with other terms asks for this one first.
    """
    found = operator.points.default_programme()
    if found is None:
        operator.points.make_programme("Points")
        found = operator.points.default_programme()
    assert found is not None
    if found["merchants"] is not None:  # made by a demo, which lists its own
        found = operator.points.change_programme(found["id"], merchants=None)
    terms = (found["currency"], found["earn_points"], found["earn_amount"], found["lot_days"])
    assert terms == ("EUR", 1, 100, 365), "the stack has another default programme"
    return str(found["id"])


@pytest.fixture(scope="session")
def programme(default_programme: str) -> str:
    """The programme of a journey: the default one, where a module does not make its own."""
    return default_programme


@pytest.fixture(scope="session")
def manage() -> Command:
    """Run a service's management command in the stack and return what it printed."""
    return lambda service, *arguments: _run("MANAGE_COMMAND", service, *arguments)


@pytest.fixture(scope="session")
def kill() -> Command:
    """Kill a process of the stack with signal 9; the stack starts it again."""
    return lambda process: _run("KILL_COMMAND", process)


def _run(variable: str, *arguments: str) -> str:
    command = [*shlex.split(os.environ[variable]), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=HANGS_SECONDS).stdout
